namespace Flixstock.Engine;

/// <summary>
/// Weights of a file of any kind that is understood: safetensors, PyTorch's formats, with the names of the published checkpoints or of timm. What is in the
/// file beside the weights that means something is here too; the rest is listed. The tensors of a safetensors file that was read by its path are the file itself,
/// mapped: they end with <see cref="Dispose"/>.
/// </summary>
public sealed partial class WeightsFile : IDisposable
{
    internal const string ModelKey = "model", ClassCountKey = "num_classes", ClassNamesKey = "idx_to_class", MetadataKey = "metadata";

    private IDisposable? _mapping;

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary><c>safetensors</c>, <c>PyTorch, zip</c> or <c>PyTorch, legacy</c>.</summary>
    public required string Format { get; init; }

    /// <summary>The weights under their published names, and metadata.</summary>
    public required StateDict State { get; init; }

    /// <summary>Number of classes that the file says it has, or null.</summary>
    public int? Classes { get; private init; }

    /// <summary>Names of the classes by their number, or null.</summary>
    public IReadOnlyDictionary<int, string>? ClassNames { get; private init; }

    /// <summary>One line for everything that was changed or left out on reading.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <summary>Reads a file; its contents decide what it is, not its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="asStored">Leave names as the file has them: nothing is taken off, nothing mapped.</param>
    /// <exception cref="InputException">It is missing, damaged or holds no weights; says what is wrong.</exception>
    public static WeightsFile Read(string path, bool asStored = false)
    {
        IDisposable? mapping = null;
        try
        {
            var mapped = MappedFile.Open(path);
            mapping = mapped;
            if (IsTorch(mapped.Bytes.Span, path))
                return Parse(Files.ReadWhole(path), path, asStored);
            var file = Parse(mapped.Bytes, path, asStored);
            (file._mapping, mapping) = (mapping, null);
            return file;
        }
        finally
        {
            mapping?.Dispose();
        }
    }

    /// <summary>Lets the file go; its tensors must not be used any more.</summary>
    public void Dispose() => _mapping?.Dispose();

    /// <summary>Reads the contents of a file.</summary>
    /// <param name="bytes">The whole file; tensors keep it.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="asStored">Leave names as the file has them.</param>
    public static WeightsFile Parse(ReadOnlyMemory<byte> bytes, string path, bool asStored = false)
    {
        var file = IsTorch(bytes.Span, path)
            ? FromTorch(TorchFile.Parse(bytes, path), path)
            : FromSafetensors(SafetensorsFile.Parse(bytes, path), path);
        return asStored ? file : WithPublishedNames(file);
    }

    private static bool IsTorch(ReadOnlySpan<byte> bytes, string path) => TorchFile.Recognizes(bytes) || TorchEndings.Contains(Ending(path));

    private static WeightsFile WithPublishedNames(WeightsFile file)
    {
        var notes = file.Notes.ToList();
        var state = StateNames.WithoutCommonPrefix(file.State, out var prefix);
        if (prefix.Length > 0)
            notes.Add($"'{prefix}' was taken off all names");
        if (TimmNames.Recognizes(state))
        {
            state = TimmNames.ToPublished(state);
            notes.Add("timm's names and plain batch norms were mapped to the published ones");
        }
        return new WeightsFile { Path = file.Path, Format = file.Format, State = state, Classes = file.Classes, ClassNames = file.ClassNames, Notes = notes };
    }
}
