namespace Flixstock.Engine;

public abstract partial class Network
{
    private const string TrackedSuffix = ".num_batches_tracked";
    private const int NamesInMessage = 5;

    /// <summary>Training forward passes each ABN has seen, in state-dict order.</summary>
    public long[] BatchesTracked => [.. _normalizations.Select(normalization => normalization.BatchesTracked)];

    /// <summary>
    /// Copies <see cref="BatchesTracked"/> into an array of its length: what a training step does, without making
    /// garbage.
    /// </summary>
    public void CopyBatchesTracked(Span<long> destination)
    {
        for (var i = 0; i < _normalizations.Length; i++)
            destination[i] = _normalizations[i].BatchesTracked;
    }

    /// <summary>All parameters under their published names, shapes (OIHW) and order.</summary>
    public StateDict ToStateDict() => ToStateDict(Buffer.Values, BatchesTracked);

    /// <summary>The state with other values of the same layout, such as a weight average.</summary>
    /// <param name="flatValues">Laid out as <see cref="ParameterBuffer.Values"/>.</param>
    /// <param name="batchesTracked">One count for each ABN, as in <see cref="BatchesTracked"/>.</param>
    public StateDict ToStateDict(Tensor flatValues, IReadOnlyList<long> batchesTracked) =>
        PresentState(flatValues, batchesTracked).Copied();

    /// <summary>
    /// Same as <see cref="ToStateDict(Tensor, IReadOnlyList{long})"/> without a copy: the values are those that the
    /// device has when they are read.
    /// </summary>
    internal StateDict PresentState(Tensor flatValues, IReadOnlyList<long> batchesTracked)
    {
        var state = new StateDict();
        var (parameter, normalization) = (0, 0);
        foreach (var part in _layers.SelectMany(Parts))
        {
            for (var i = 0; i < part.Parameters.Count; i++, parameter++)
            {
                var shape = Buffer.Parameters[parameter].Shape;
                state.Add(PublishedLayout.ToPublished(
                    Backend.Device, Buffer.Parameters[parameter],
                    flatValues.Slice(Buffer.Offsets[parameter], shape)));
            }
            if (part is BatchNormalization)
                state.Add(StateTensors.From(part.Name + TrackedSuffix, batchesTracked[normalization++]));
        }
        return state;
    }

    /// <summary>
    /// Takes over all parameters. Counts of training passes may be missing (older files do not have them) and are then
    /// 0.
    /// </summary>
    /// <exception cref="InputException">
    /// Names every missing, unexpected and mis-shaped entry, or the first that holds values that are not finite;
    /// nothing was changed.
    /// </exception>
    public void Load(StateDict state)
    {
        RequireOpen();
        RequireSameEntries(state);
        FiniteWeights.Require(Buffer.Parameters.Select(parameter => state[parameter.Name]));
        CopyIn(Buffer.Parameters, state);
        foreach (var normalization in _normalizations)
            normalization.BatchesTracked = state.Find(normalization.Name + TrackedSuffix)?.ToIntegers()[0] ?? 0;
    }

    // One by one through memory for the largest: a second copy of a whole network would be the peak of a program's
    // memory.
    private void CopyIn(IEnumerable<Parameter> parameters, StateDict state)
    {
        var values = new float[Buffer.Parameters.Max(parameter => parameter.Shape.Count)];
        foreach (var parameter in parameters)
        {
            var own = values.AsSpan(0, (int)parameter.Shape.Count);
            PublishedLayout.FromPublished(state[parameter.Name], parameter, own);
            Backend.Device.CopyFromHost<float>(own, parameter.Value);
        }
        Buffer.RefreshCompute(Backend.Kernels);
    }

    /// <summary>Refuses weights that are not this network's.</summary>
    /// <exception cref="InputException">Names every missing, unexpected and mis-shaped entry.</exception>
    internal void RequireSameEntries(StateDict state)
    {
        var problems = new List<string>();
        var parameters = Buffer.Parameters.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        var counters = _normalizations.Select(normalization => normalization.Name + TrackedSuffix)
            .ToHashSet(StringComparer.Ordinal);
        Report(problems, "missing", [.. parameters.Keys.Where(name => state.Find(name) is null)]);
        Report(
            problems, "unexpected",
            [.. state.Names.Where(name => !parameters.ContainsKey(name) && !counters.Contains(name))]);
        var misshaped = new List<string>();
        foreach (var tensor in state)
        {
            var expected =
                parameters.TryGetValue(tensor.Name, out var parameter) ? PublishedLayout.ShapeOf(parameter) : [];
            if (parameter is not null && !expected.SequenceEqual(tensor.Shape))
                misshaped.Add($"{tensor.Name} has {tensor.ShapeText}, expected [{string.Join(", ", expected)}]");
            if (counters.Contains(tensor.Name) && (tensor.Count != 1
                || tensor.Type is StateType.F32 or StateType.F64 or StateType.F16 or StateType.BF16))
            {
                misshaped.Add($"{tensor.Name} is {tensor.ShapeText} of {tensor.Type}, expected one integer");
            }
        }
        Report(problems, "of another shape", misshaped);
        if (problems.Count > 0)
        {
            throw new InputException($"the weights do not fit {Description.Name} with {Description.Classes} classes: "
                + $"{string.Join("; ", problems)}");
        }
    }

    private static void Report(List<string> problems, string what, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return;
        var more = names.Count > NamesInMessage ? $" and {names.Count - NamesInMessage} more" : "";
        problems.Add($"{names.Count} {what}: {string.Join(", ", names.Take(NamesInMessage))}{more}");
    }
}
