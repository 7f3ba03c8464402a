namespace Flixstock.Engine;

/// <summary>Finds the files among the pictures of a data set that belong to none of its parts.</summary>
internal static class DatasetSurvey
{
    /// <summary>Walks the folders of the pictures.</summary>
    /// <param name="source">The data set, its type decided.</param>
    /// <param name="parts">Everything that was loaded of it.</param>
    /// <param name="cancellation">Ends the walk.</param>
    /// <exception cref="InputException">A folder cannot be read; names it.</exception>
    public static PassedOver Of(
        DatasetSource source, IReadOnlyList<ImageDataset> parts, CancellationToken cancellation = default)
    {
        if (source.Type == DatasetType.Shards)
            return PassedOver.Together(parts.Select(part => part.Others));
        var real = new RealFolders();
        var known = parts.SelectMany(
            part => part.Samples.Where(sample => sample.ByteCount is null).Select(sample => sample.Path)
                .Concat(part.WithoutLabels)).Select(real.File).ToHashSet(StringComparer.Ordinal);
        var result = new PassedOver();
        var unnamed = source.Type == DatasetType.Folders ? PassedOverReason.NoClass : PassedOverReason.NoLabel;
        foreach (var root in Roots(source, known))
            Walk(root, source, new Known(known, real, unnamed), result, cancellation);
        return result;
    }

    // The whole data folder if pictures may lie anywhere in it; otherwise the folders that hold them and their
    // subfolders.
    private static IEnumerable<string> Roots(DatasetSource source, HashSet<string> known)
    {
        if (source.Type is DatasetType.Folders or DatasetType.Csv)
            return [source.Path];
        var folders = known.Select(path => Path.GetDirectoryName(path)!).ToHashSet(StringComparer.Ordinal);
        return folders.Where(folder => !Above(folder).Any(folders.Contains)).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Above(string folder)
    {
        for (var above = Path.GetDirectoryName(folder); above is not null; above = Path.GetDirectoryName(above))
            yield return above;
    }

    private static void Walk(
        string root, DatasetSource source, Known known, PassedOver result, CancellationToken cancellation)
    {
        var (withPictures, strangers) = (new HashSet<string>(StringComparer.Ordinal), new List<string>());
        foreach (var entry in FolderWalk.Below(root, given: true, cancellation))
        {
            var path = Path.Combine(root, entry.Path);
            var name = Path.GetRelativePath(source.Path, path).Replace('\\', '/');
            var isPicture = PictureNames.IsPicture(entry.Path);
            if (entry.Kind != WalkedKind.File)
            {
                result.Add(entry with { Path = name });
                continue;
            }
            var used = known.Holds(path);
            if (used || isPicture || PictureNames.IsOtherPicture(entry.Path))
                withPictures.Add(Path.GetDirectoryName(name)!);
            if (!used && (isPicture || PictureNames.IsOtherPicture(entry.Path)))
                result.Add(isPicture ? known.Unnamed : PassedOverReason.OtherKind, name);
            else if (!used && !IsLabelFile(name))
                strangers.Add(name);
        }
        // Other files are counted only next to pictures: those in a separate folder were never meant as pictures.
        foreach (var name in strangers.Where(name => withPictures.Contains(Path.GetDirectoryName(name)!)))
            result.Add(PassedOverReason.NoPicture, name);
    }

    // Tables, descriptions and archives in the data folder itself are its labels, or what this program wrote about it.
    private static bool IsLabelFile(string name) => !name.Contains('/', StringComparison.Ordinal)
        && Path.GetExtension(name).ToLowerInvariant() is ".csv" or ".json" or ".tar";

    private sealed record Known(HashSet<string> Files, RealFolders Real, PassedOverReason Unnamed)
    {
        public bool Holds(string path) => Files.Contains(Real.File(path));
    }

    /// <summary>
    /// Paths without links in their folders, so that one file has one path; every folder is visited once.
    /// </summary>
    private sealed class RealFolders
    {
        private readonly Dictionary<string, string> _real = new(StringComparer.Ordinal);

        public string File(string path)
        {
            var folder = Path.GetDirectoryName(path)!;
            if (!_real.TryGetValue(folder, out var real))
                _real.Add(folder, real = FileIdentity.RealPath(folder.Length == 0 ? "." : folder));
            return Path.Combine(real, Path.GetFileName(path));
        }
    }
}
