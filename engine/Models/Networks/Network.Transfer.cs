namespace Flixstock.Engine;

public abstract partial class Network
{
    /// <summary>
    /// Takes over everything that fits from weights that may be of another task. The classifier, which is the last
    /// layer, stays new if the file's has another shape or none; anything else of another shape, and a tensor of the
    /// body that is missing, is an error. Give the network fresh weights first, by <see cref="Initialize"/>.
    /// </summary>
    /// <returns>What became of each tensor: those of the network in their order, then the file's others.</returns>
    /// <exception cref="InputException">
    /// A tensor outside the head is missing or of another shape, or one that fits holds values that are not finite;
    /// nothing was changed.
    /// </exception>
    public IReadOnlyList<TransferredWeight> LoadWhatFits(StateDict state)
    {
        RequireOpen();
        var counters = _normalizations.Select(normalization => normalization.Name + TrackedSuffix)
            .ToHashSet(StringComparer.Ordinal);
        var fits = Buffer.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => Fits(parameter, state), StringComparer.Ordinal);
        RequireBody(state, fits);
        var taken = Buffer.Parameters.Where(parameter => fits[parameter.Name]).ToList();
        FiniteWeights.Require(taken.Select(parameter => state[parameter.Name]));
        CopyIn(taken, state);
        foreach (var normalization in _normalizations)
            normalization.BatchesTracked = Counter(state, normalization.Name + TrackedSuffix);
        return [.. Buffer.Parameters.Select(parameter => Report(parameter, fits)), .. state
            .Where(tensor => !counters.Contains(tensor.Name) && !fits.GetValueOrDefault(tensor.Name)).Select(
                tensor => new TransferredWeight(tensor.Name, TransferKind.Ignored, tensor.ShapeText, tensor.Count))];
    }

    private static bool Fits(Parameter parameter, StateDict state) =>
        state.Find(parameter.Name) is { } tensor && PublishedLayout.ShapeOf(parameter).SequenceEqual(tensor.Shape);

    private static long Counter(StateDict state, string name) =>
        state.Find(name) is { Count: 1, Type: StateType.I64 or StateType.I32 } tensor ? tensor.ToIntegers()[0] : 0;

    private static TransferredWeight Report(Parameter parameter, Dictionary<string, bool> fits) => new(
        parameter.Name, fits[parameter.Name] ? TransferKind.Loaded : TransferKind.New,
        $"[{string.Join(", ", PublishedLayout.ShapeOf(parameter))}]", parameter.Shape.Count);

    private void RequireBody(StateDict state, Dictionary<string, bool> fits)
    {
        var body = Buffer.Parameters.Where(parameter => !Head.Contains(parameter.Name)).ToList();
        if (body.TrueForAll(parameter => state.Find(parameter.Name) is null))
        {
            throw new InputException($"none of its {state.Count} tensors is one of {Description.Name}'s: "
                + $"{StateNames.Some(state.Names)}; give weights of the same model");
        }

        var problems = new List<string>();
        Report(
            problems, "missing",
            [.. body.Where(parameter => state.Find(parameter.Name) is null).Select(parameter => parameter.Name)]);
        Report(problems, "of another shape", [.. Buffer.Parameters.Where(
            parameter => !fits[parameter.Name] && state.Find(parameter.Name) is not null
                && !Head.IsClassifier(parameter.Name))
            .Select(parameter => $"{parameter.Name} has {state[parameter.Name].ShapeText}, expected "
                + $"[{string.Join(", ", PublishedLayout.ShapeOf(parameter))}]")]);
        if (problems.Count == 0)
            return;
        Report(problems, "not the network's", [.. state.Names.Where(
            name => !NetworkNames.IsHead(name) && !NetworkNames.IsCounter(name) && !fits.ContainsKey(name))]);
        throw new InputException($"the weights do not fit {Description.Name}: {string.Join("; ", problems)}; give "
            + $"weights of the same model");
    }
}
