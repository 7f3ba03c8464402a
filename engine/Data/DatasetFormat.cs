namespace Flixstock.Engine;

/// <summary>
/// One way to lay out a data set. A new one is a class here and a line in <see cref="DatasetSource"/>.
/// </summary>
internal abstract class DatasetFormat
{
    public abstract DatasetType Type { get; }

    /// <summary>
    /// The entry of the folder that shows this type, such as <c>train.csv</c>; null if there is none.
    /// </summary>
    public abstract string? Recognise(string folder, CancellationToken cancellation = default);

    /// <summary>True if the part is present; it is not read.</summary>
    public abstract bool Has(string folder, string part, CancellationToken cancellation = default);

    /// <summary>Reads a part.</summary>
    public abstract ImageDataset Load(PartRequest request);

    protected static string Relative(string folder, string path) => Path.GetRelativePath(folder, path);

    /// <summary>Files in the folder, or in these subfolders, that match a pattern; sorted by name.</summary>
    protected static List<string> Find(string folder, string pattern, params string[] subfolders)
    {
        var files = new List<string>();
        foreach (var place in subfolders.Select(name => Path.Combine(folder, name)).Prepend(folder)
            .Where(Directory.Exists))
        {
            files.AddRange(Directory.EnumerateFiles(place, pattern).Order(StringComparer.Ordinal));
        }
        return files;
    }
}

/// <summary>The part of a data set to read, and what to do about faults of single pictures.</summary>
/// <param name="folder">The data folder.</param>
/// <param name="part">train, val or test.</param>
/// <param name="skipMissing">True to leave out missing pictures.</param>
/// <param name="faults">Takes faults of single pictures; null: they are thrown.</param>
internal sealed class PartRequest(
    string folder, string part, bool skipMissing = false, ICollection<DatasetFault>? faults = null)
{
    private readonly List<string> _notes = [];
    private int _missing;
    private string? _firstMissing;
    private NearestFile? _nearest;

    public string Folder { get; } = folder;

    public string Part { get; } = part;

    /// <summary>Ends the reading; asked at every row and every file.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Paths of pictures that are named and give no sample, apart from those that are missing.</summary>
    public List<string> WithoutLabels { get; } = [];

    /// <summary>Names of pictures that have faults.</summary>
    public List<string> Faulty { get; } = [];

    public void Note(string line) => _notes.Add(line);

    public IEnumerable<string> Notes() => _missing == 0
        ? _notes
        : _notes.Append($"{_missing} pictures of {Part} that the labels name are not there and left out, the first is "
            + $"{_firstMissing}");

    /// <summary>Reports a missing picture that the labels name; when this returns, it is to be left out.</summary>
    /// <param name="where">File and row or byte that name it.</param>
    /// <param name="file">The picture.</param>
    /// <param name="images">The folder in which it should be.</param>
    public void Missing(string where, string file, string images)
    {
        if (skipMissing && faults is null)
        {
            _missing++;
            _firstMissing ??= file;
            return;
        }
        var near = (_nearest ??= new NearestFile(Folder, Cancellation)).Describe(file, images);
        Fault(FaultKind.Missing, file, where, $"the picture '{file}' is not in {images}{near}",
            near.Length > 0 ? "correct the name, add the picture or remove the row" : "add it or remove the row",
            $" (or leave out what is missing with {Term.SkipMissing})");
    }

    /// <summary>
    /// Labels of a picture that the label file itself does not list; when this returns, they are to be left out.
    /// </summary>
    /// <param name="path">The label file.</param>
    /// <param name="labels">Offset of each mention in bytes, and the picture's id.</param>
    public void Orphans<T>(string path, IReadOnlyCollection<(long Offset, T Picture)> labels)
    {
        if (labels.Count == 0)
            return;
        if (skipMissing && faults is null)
        {
            Note($"{labels.Count} annotations of {Part} name images that the file does not list and are left out, the "
                + $"first is image {labels.First().Picture}");
            return;
        }
        foreach (var (offset, picture) in labels.DistinctBy(label => label.Picture))
        {
            Fault(
                FaultKind.Missing, $"image {picture}", $"{path}: byte {offset}",
                $"the annotation names image {picture}, which is not among the images",
                "list the image or remove the annotation", $" (or leave such annotations out with {Term.SkipMissing})");
        }
    }

    /// <summary>A fault of a single picture; when this returns, it is to be left out.</summary>
    public void Fault(
        FaultKind kind, string file, string where, string what, string remedy, Wording? alsoPossible = null)
    {
        if (faults is null)
            throw new InputException($"{where}: {what}; {remedy}{alsoPossible}");
        Faulty.Add(file);
        faults.Add(new DatasetFault(kind, Part, file, $"{where}: {what}", remedy));
    }
}
