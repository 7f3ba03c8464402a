namespace Flixstock.Engine;

/// <summary>The classifier of weights to start from: each row is of a class, and classes are matched by name.</summary>
/// <param name="State">
/// The weights, the classifier's rows in the data set's order, or without a classifier if its classes are others.
/// </param>
/// <param name="Dropped">The classifier's tensors, if it starts fresh.</param>
/// <param name="Note">What was done, or null.</param>
internal sealed record InitialHead(StateDict State, IReadOnlyList<StateTensor> Dropped, Wording? Note)
{
    /// <summary>Loads the weights to start from into a network, as far as they fit.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">The data set's attributes and classes.</param>
    /// <param name="network">The network.</param>
    /// <param name="byPosition">Take the classes in their order, whatever their names are.</param>
    /// <returns>What became of each tensor, and what the classes mean for the classifier, or null.</returns>
    /// <exception cref="InputException">They are of another network, or cannot be read; names the file.</exception>
    public static (IReadOnlyList<TransferredWeight> Weights, Wording? Note) Load(
        string path, AttributeTable wanted, Network network, bool byPosition)
    {
        try
        {
            using var file = WeightsFile.Read(path);
            var head = Of(file, wanted, network, byPosition);
            var dropped = head.Dropped.Select(tensor => new TransferredWeight(
                tensor.Name, TransferKind.Ignored, tensor.ShapeText, tensor.Count));
            return (
                [.. network.LoadWhatFits(head.State), .. dropped],
                head.Note is { } note ? (Wording)$"{path}: {note}" : null);
        }
        catch (InputException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InputException($"{path}: {e.Message}{FolderOfWeights.ShardHint(path)}", e);
        }
    }

    /// <summary>Decides by the names in the file; without names the classifier is taken as it is, if it fits.</summary>
    /// <exception cref="InputException">The file's description of its classes is damaged.</exception>
    public static InitialHead Of(WeightsFile file, AttributeTable wanted, Network network, bool byPosition)
    {
        var classifier = file.State.Where(tensor => network.Head.IsClassifier(tensor.Name)).ToList();
        if (byPosition || classifier is not [{ Shape: [var classes, ..] }, ..]
            || Checkpoint.ClassesIn(file, classes, wanted) is not { } named)
        {
            return new InitialHead(file.State, [], null);
        }

        var match = ClassMatch.ByName(named, wanted, out var difference);
        if (match is null)
        {
            var remedy = named.ClassCount == wanted.ClassCount
                ? (Wording)$"; {Term.ClassesByPosition} takes it as it is"
                : "";
            return new InitialHead(With(file.State, tensor => classifier.Contains(tensor) ? null : tensor), classifier,
                $"its classes are not the data set's ({difference} there): the classifier starts fresh{remedy}");
        }
        return match.SameOrder
            ? new InitialHead(file.State, [], null)
            : new InitialHead(
                With(
                    file.State,
                    tensor => classifier.Contains(tensor) && tensor.Shape[0] == classes ? Rows(tensor, match) : tensor),
                [], "its classes are in another order than the data set's; the classifier's rows are matched by name");
    }

    private static StateTensor Rows(StateTensor tensor, ClassMatch match)
    {
        var length = tensor.Data.Length / tensor.Shape[0];
        var rows = match.ToData([.. Enumerable.Range(0, tensor.Shape[0])]);
        var data = new byte[tensor.Data.Length];
        for (var k = 0; k < rows.Length; k++)
            tensor.Data.Span.Slice(rows[k] * length, length).CopyTo(data.AsSpan(k * length));
        return tensor with { Data = data };
    }

    private static StateDict With(StateDict state, Func<StateTensor, StateTensor?> change)
    {
        var result = new StateDict();
        foreach (var tensor in state)
        {
            if (change(tensor) is { } kept)
                result.Add(kept);
        }
        foreach (var (key, value) in state.Metadata)
            result.Metadata[key] = value;
        return result;
    }
}
