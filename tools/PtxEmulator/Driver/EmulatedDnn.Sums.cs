namespace Flixstock.PtxEmulator;

// Graphs of a convolution with the sums of its output over the pixels: the output is stored, and added up as stored.
internal sealed unsafe partial class EmulatedDnn
{
    private const int SumsOperation = 14;

    private static bool IsSummed(IReadOnlyList<BackendDescriptor> operations) =>
        operations.Count > 1 && operations[1].Kind == SumsOperation;

    private BackendDescriptor[] SumsOf(BackendDescriptor operation) =>
        [Referred(operation, 773)!, Referred(operation, 774)!];

    private int FinalizeSums(BackendDescriptor operation)
    {
        if (!operation.Attributes.TryGetValue(770, out byte[]? mode)
            || !operation.Attributes.TryGetValue(771, out byte[]? precision)
            || Referred(operation, 772) is not { Kind: 17 } x || Referred(operation, 773) is not { Kind: 17 } sum
            || Referred(operation, 774) is not { Kind: 17 } squares)
        {
            return Refuse("sums lack mode, precision or a final tensor", NotFinal);
        }
        if (BitConverter.ToInt32(mode) != 0 || BitConverter.ToInt32(precision) != 0)
            return Refuse("only sums of values and squares in single precision are expected", NotSupported);
        long[] vector = [1, Integers(x, 902)[1], 1, 1];
        bool fit = new[] { sum, squares }.All(
            one => Integers(one, 902).SequenceEqual(vector) && TensorOf(one).Type == Element.Single && !IsVirtual(one));
        return fit ? 0 : Refuse("a sum is a vector of singles, one for each channel, and stored");
    }

    private int FinalizeSummedGraph(IReadOnlyList<BackendDescriptor> operations)
    {
        if (operations.Count != 2 || operations[0].Kind != 10)
            return Refuse("only a forward convolution with its sums is expected", NotSupported);
        var y = Referred(operations[0], 705)!;
        if (IsVirtual(y) || Integer(Referred(operations[1], 772)!, 906) != Integer(y, 906))
            return Refuse("what is added up is not what the convolution stores");
        if (TensorOf(y).Type == Element.Single)
            return Refuse("sums are there for 16-bit tensors", NotSupported);
        long[] ids = [.. SumsOf(operations[1]).Append(y).Select(tensor => Integer(tensor, 906))];
        return ids.Distinct().Count() == ids.Length ? 0 : Refuse("ids of tensors are not unique");
    }

    // In single precision, one pixel after the other: the least exact that a library may be.
    private void ComputeSummed(Problem problem, BackendDescriptor operation, BackendDescriptor pack)
    {
        Compute(problem, Direction.Forward, 1, 0);
        var pointers = Pointers(pack);
        var (address, y) = Target(problem, Direction.Forward);
        int channels = y.Dimensions[1];
        var (sums, squares) = (new float[channels], new float[channels]);
        for (int i = 0; i < y.Count; i++)
        {
            float value = (float)LibraryNumbers.Read(address, i, y.Type);
            sums[i % channels] += value;
            squares[i % channels] += value * value;
        }
        foreach (var (tensor, values) in SumsOf(operation).Zip([sums, squares]))
        {
            nint target = pointers[Integer(tensor, 906)];
            LibraryNumbers.Check(driver, target, channels, Element.Single, read: false, "convolution, sums");
            for (int c = 0; c < channels; c++)
                LibraryNumbers.Write(target, c, Element.Single, values[c]);
            driver.MarkWritten(target, (long)channels * sizeof(float), "convolution, sums");
        }
    }
}
