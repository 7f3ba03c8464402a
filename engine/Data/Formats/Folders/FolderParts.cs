namespace Flixstock.Engine;

/// <summary>
/// How a folder of folders of pictures is divided: <c>train/CLASS</c>, <c>valid/CLASS</c>, or not at all.
/// </summary>
internal sealed class FolderParts
{
    // What DatasetSplitter and the reference project keep next to each other; never classes.
    private static readonly HashSet<string> SplitFolders =
        new(StringComparer.Ordinal) { "images_cleaned", "images_split", "images_augmented" };

    private readonly string _folder;
    private readonly Dictionary<string, string> _parts = new(StringComparer.Ordinal);

    private FolderParts(string folder) => _folder = folder;

    /// <summary>True if there is a folder for each part; false if the classes lie in the folder itself.</summary>
    public bool Divided { get; private set; }

    /// <summary>
    /// The folders whose folders are the classes: of the training part, or of the others if there is none.
    /// </summary>
    public IReadOnlyList<string> ClassRoots => _parts.TryGetValue("train", out var train)
        ? [train]
        : [.. DatasetLayout.Parts.Select(FolderOf).OfType<string>()];

    /// <summary>The parts that are present, for messages; empty if the folder is not divided.</summary>
    public string Present => _parts.Count == 0
        ? ""
        : $"; there is {string.Join(" and ", _parts.Values.Select(path => $"{Path.GetFileName(path)}/"))}";

    /// <summary>Looks at a folder.</summary>
    /// <exception cref="InputException">Two folders could be the same part, <c>val</c> and <c>valid</c>.</exception>
    public static FolderParts Of(string folder, CancellationToken cancellation = default)
    {
        var result = new FolderParts(folder);
        var names = FolderWalk.Subfolders(folder, cancellation);
        var named = names.Where(name => PartNames.PartOf(name) is not null).ToList();
        var holding = named.Where(name => ClassFolders(Path.Combine(folder, name), cancellation).Count > 0)
            .ToHashSet(StringComparer.Ordinal);
        result.Divided = holding.Count > 0 || (named.Exists(name => PartNames.PartOf(name) == "train")
            && ClassFolders(folder, cancellation).TrueForAll(named.Contains));
        if (!result.Divided)
            return result;
        foreach (var part in DatasetLayout.Parts)
        {
            var candidates = PartNames.Of(part, named);
            var filled = candidates.Count > 1 ? PartNames.Of(part, candidates.Where(holding.Contains)) : candidates;
            if ((PartNames.Single(folder, part, filled) ?? candidates.FirstOrDefault()) is { } name)
                result._parts.Add(part, Path.Combine(folder, name));
        }
        return result;
    }

    /// <summary>The folder of a part, or null.</summary>
    public string? FolderOf(string part) => _parts.GetValueOrDefault(part);

    /// <summary>Names of the classes, in their order.</summary>
    public List<string> Classes(CancellationToken cancellation) => Divided
        ? [.. ClassRoots.SelectMany(root => ClassFolders(root, cancellation)).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)]
        : ClassFolders(_folder, cancellation);

    /// <summary>Folders of pictures in a folder, by name.</summary>
    public static List<string> ClassFolders(string folder, CancellationToken cancellation = default) =>
        [.. FolderWalk.FoldersOfPictures(folder, cancellation).Where(name => !SplitFolders.Contains(name))];
}
