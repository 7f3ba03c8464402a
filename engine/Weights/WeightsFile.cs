namespace Flixstock.Engine;

/// <summary>
/// Weights of a file of any supported kind: safetensors, PyTorch's formats, lists of shards of them, with the names of
/// the published checkpoints or of timm. What the file holds next to the weights and means something is here too; the
/// rest is listed. The tensors of a safetensors file that was read by its path are the file itself, mapped: they end
/// with <see cref="Dispose"/>.
/// </summary>
/// <remarks>Threads: any number may read; it must be disposed of only after its tensors are no longer read.</remarks>
public sealed partial class WeightsFile
{
    internal const string ModelKey = "model", ClassCountKey = "num_classes", ClassNamesKey = "idx_to_class",
        MetadataKey = "metadata";

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary><c>safetensors</c>, <c>PyTorch, zip</c> or <c>PyTorch, legacy</c>.</summary>
    public required string Format { get; init; }

    /// <summary>The weights under their published names, and metadata.</summary>
    /// <exception cref="ObjectDisposedException">The file was let go.</exception>
    public required StateDict State
    {
        get => _disposed ? throw new ObjectDisposedException(nameof(WeightsFile)) : field;
        init;
    }

    /// <summary>Number of classes that the file says it has, or null.</summary>
    public int? Classes { get; private init; }

    /// <summary>Names of the classes by their number, or null.</summary>
    public IReadOnlyDictionary<int, string>? ClassNames { get; private init; }

    /// <summary>One line for everything that was changed or left out on reading.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <summary>Lines about what was chosen or ignored, to be shown to the user of the weights.</summary>
    public IReadOnlyList<string> Remarks { get; private init; } = [];

    /// <summary>The sets of tensors that the file has, in its order; one of them is <see cref="State"/>.</summary>
    public IReadOnlyList<WeightsEntry> Entries => Choice.Entries;

    private WeightsChoice Choice { get; init; } = null!;

    /// <summary>Reads the contents of a file.</summary>
    /// <param name="bytes">The whole file; tensors keep it.</param>
    /// <param name="path">Name of the file in messages.</param>
    /// <param name="asStored">
    /// Leave names as the file has them; of several sets of which none is the likeliest, the first.
    /// </param>
    /// <param name="entry">The one of its <see cref="Entries"/> to take, or null.</param>
    /// <param name="cancellation">
    /// Stops between the records of a PyTorch file, and while a checksum is computed.
    /// </param>
    public static WeightsFile Parse(
        ReadOnlyMemory<byte> bytes, string path, bool asStored = false, string? entry = null,
        CancellationToken cancellation = default)
    {
        if (ShardIndex.Recognizes(bytes.Span))
        {
            throw new InputException($"{path}: it lists the files of a model "
                + $"({ShardIndex.Parse(bytes, path).Files().Count()}) and is none of them itself");
        }

        var isTorch = TorchFile.Recognizes(bytes.Span);
        if (!isTorch && !SafetensorsFile.Recognizes(bytes.Span) && ForeignFile.Describe(bytes.Span, path) is { } what)
        {
            throw new InputException(
                $"{path}: {what}; weights are read from safetensors and PyTorch's files (.pth, .pt, .ckpt, .bin)");
        }
        var file = isTorch ? FromTorch(TorchFile.Parse(bytes, path, cancellation), path, entry)
            : FromSafetensors(SafetensorsFile.Parse(bytes, path, cancellation), path, entry);
        return asStored ? file : file.WithPublishedNames();
    }

    /// <summary>False if several sets of weights could be meant.</summary>
    public bool IsDecided => Choice.Undecided is null;

    /// <summary>
    /// Refuses a file of which it is not decided which of several sets of weights is meant; only what is read as stored
    /// can be one.
    /// </summary>
    /// <exception cref="InputException">Lists the sets.</exception>
    public void RequireDecided()
    {
        if (Choice.Undecided is { } why)
            throw new InputException($"{Path}: {why}");
    }

    private WeightsFile WithPublishedNames()
    {
        RequireDecided();
        var notes = Notes.ToList();
        var remarks = Remarks.ToList();
        var state = Choice.Taken.Tensors > 0 ? OfTheNetwork(notes, remarks) : OfAnother(notes);
        if (TimmNames.Recognizes(state))
        {
            state = TimmNames.ToPublished(state);
            notes.Add("timm's names and plain batch norms were mapped to the published ones");
        }
        return new WeightsFile
        {
            Path = Path,
            Format = Format,
            State = state,
            Classes = Classes,
            ClassNames = ClassNames,
            Choice = Choice,
            Notes = notes,
            Remarks = remarks,
            _mapping = _mapping
        };
    }

    private StateDict OfTheNetwork(List<string> notes, List<string> remarks)
    {
        var prefix = Choice.Taken.Prefix;
        var state = StateNames.Empty(State);
        var others = new List<string>();
        foreach (var tensor in State)
        {
            var own = NetworkNames.Split(tensor.Name);
            if (own is { } split && split.Prefix == prefix)
                state.Add(tensor with { Name = split.Name });
            else if (own is null)
                others.Add(TorchFile.Shown(tensor.Name)); // tensors of another set were named with it
        }
        if (prefix.Length > 0)
        {
            notes.Add($"'{TorchFile.Shown(prefix)}' was taken off "
                + $"{(state.Count == State.Count ? "all names" : $"the {state.Count} names that have it")}");
        }

        if (others.Count > 0)
        {
            remarks.Add($"left out, not the network's: {Listed(others)} ({others.Count} "
                + $"{(others.Count == 1 ? "tensor" : "tensors")})");
        }
        return state;
    }

    private StateDict OfAnother(List<string> notes)
    {
        var state = StateNames.WithoutCommonPrefix(State, out var prefix);
        if (prefix.Length > 0)
            notes.Add($"'{prefix}' was taken off all names");
        return state;
    }
}
