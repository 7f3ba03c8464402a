namespace Flixstock.PtxEmulator;

// Graphs of a convolution with pointwise operations after it: what lies between two operations is virtual.
internal sealed unsafe partial class EmulatedDnn
{
    private const int Add = 0, Relu = 100;

    /// <summary>A pointwise operation: what is added, or the slope of negative values.</summary>
    private sealed record Step(nint Address, DnnTensor? Added, double Slope);

    private int FinalizePointwise(BackendDescriptor pointwise)
    {
        if (!pointwise.Attributes.TryGetValue(0, out byte[]? mode)
            || !pointwise.Attributes.TryGetValue(1, out byte[]? precision))
        {
            return Refuse("a pointwise descriptor lacks mode or precision", NotFinal);
        }
        return BitConverter.ToInt32(mode) is Add or Relu && BitConverter.ToInt32(precision) == 0
            ? 0
            : Refuse("only sums and ReLUs of singles are expected", NotSupported);
    }

    private int FinalizePointwiseOperation(BackendDescriptor operation)
    {
        if (Referred(operation, 750) is not { Kind: 0 } pointwise || Referred(operation, 751) is not { Kind: 17 } x
            || Referred(operation, 753) is not { Kind: 17 } y)
        {
            return Refuse("a pointwise operation lacks a final descriptor", NotFinal);
        }
        bool adds = ModeOf(pointwise) == Add;
        if (adds != Referred(operation, 752) is { Kind: 17 })
            return Refuse("a sum has two operands, a ReLU one");
        long[] of = Integers(x, 902), added = adds ? Integers(Referred(operation, 752)!, 902) : of;
        bool fits = of.SequenceEqual(Integers(y, 902))
            && added.Zip(of).All(extents => extents.First == extents.Second || extents.First == 1);
        return fits ? 0 : Refuse("extents of a pointwise operation do not go together");
    }

    private int FinalizeGraph(BackendDescriptor graph)
    {
        if (!graph.Attributes.ContainsKey(800) || !_streams.ContainsKey(Integer(graph, 800))
            || Operations(graph) is not { } operations || operations[0].Kind is not (10 or 11 or 12))
        {
            return Refuse("a graph needs a handle and final operations", NotFinal);
        }
        if (operations.Count == 1)
            return 0;
        if (IsSummed(operations))
            return FinalizeSummedGraph(operations);
        if (operations[0].Kind == 11 || operations.Skip(1).Any(operation => operation.Kind != 13))
            return Refuse("only pointwise operations after a convolution of pictures are expected", NotSupported);
        var results = operations.Select(
            operation => Referred(operation, operation.Kind switch { 10 => 705, 12 => 710, _ => 753 })!).ToList();
        for (int i = 1; i < operations.Count; i++)
        {
            if (Integer(Referred(operations[i], 751)!, 906) != Integer(results[i - 1], 906))
                return Refuse("an operation does not read what the one before it writes");
        }
        if (!results.SkipLast(1).All(IsVirtual) || IsVirtual(results[^1]))
            return Refuse("what lies between operations is virtual, the result is not");
        var ids = results.Select(result => Integer(result, 906)).ToList();
        return ids.Distinct().Count() == ids.Count ? 0 : Refuse("ids of tensors are not unique");
    }

    // Null if one of them is not final.
    private List<BackendDescriptor>? Operations(BackendDescriptor graph)
    {
        if (!graph.Attributes.ContainsKey(801))
            return null;
        var operations = new List<BackendDescriptor>();
        foreach (long number in Integers(graph, 801))
        {
            if (!_backend.TryGetValue((nint)number, out var operation) || !operation.IsFinal)
                return null;
            operations.Add(operation);
        }
        return operations;
    }

    private List<Step> Steps(IReadOnlyList<BackendDescriptor> operations, BackendDescriptor pack)
    {
        var pointers = Pointers(pack);
        var steps = new List<Step>();
        foreach (var operation in operations.Skip(1))
        {
            var pointwise = Referred(operation, 750)!;
            steps.Add(Referred(operation, 752) is { } second
                ? new Step(pointers[Integer(second, 906)], TensorOf(second), 1)
                : new Step(0, null, Slope(pointwise)));
        }
        return steps;
    }

    private static int ModeOf(BackendDescriptor pointwise) => BitConverter.ToInt32(pointwise.Attributes[0]);

    private static double Slope(BackendDescriptor relu) =>
        relu.Attributes.TryGetValue(5, out byte[]? slope) ? BitConverter.ToDouble(slope) : 0;

    private void ComputeFolded(Problem problem, Direction direction, List<Step> steps)
    {
        var values = Sums(problem, direction);
        var (address, tensor) = Target(problem, direction);
        int channels = tensor.Dimensions[1];
        foreach (var step in steps)
        {
            if (step.Added is { } added)
            {
                LibraryNumbers.Check(driver, step.Address, added.Count, added.Type, read: true, "convolution, added");
                for (int i = 0; i < values.Length; i++)
                {
                    int at = added.Count == channels ? i % channels : i;
                    values[i] += LibraryNumbers.Read(step.Address, at, added.Type);
                }
            }
            else
            {
                for (int i = 0; i < values.Length; i++)
                    values[i] = values[i] < 0 ? step.Slope * values[i] : values[i];
            }
        }
        for (int i = 0; i < values.Length; i++)
            LibraryNumbers.Write(address, i, tensor.Type, values[i]);
        driver.MarkWritten(address, tensor.Count * LibraryNumbers.Bytes(tensor.Type), "convolution, folded");
    }
}
