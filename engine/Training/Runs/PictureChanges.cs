namespace Flixstock.Engine;

/// <summary>Describes what has changed between the pictures that a run was begun with and those present now.</summary>
internal static class PictureChanges
{
    /// <summary>A text such as <c>2 pictures added (as x.jpg), labels changed of 1 (as y.jpg)</c>.</summary>
    public static string Describe(IReadOnlyList<PictureEntry> before, IReadOnlyList<PictureEntry> now)
    {
        var (old, current) = (ByName(before), ByName(now));
        var both = now.Where(picture => old.ContainsKey(picture.File)).ToList();
        var found = new List<string>();
        Add(found, "added", now.Where(picture => !old.ContainsKey(picture.File)));
        Add(found, "removed", before.Where(picture => !current.ContainsKey(picture.File)));
        Add(found, "with other labels", both.Where(picture => old[picture.File].Labels != picture.Labels));
        Add(found, "of another size", both.Where(picture => old[picture.File].Bytes != picture.Bytes),
            picture => $", {Size(picture.Bytes)} instead of {Size(old[picture.File].Bytes)}");
        return found.Count > 0 ? string.Join(", ", found) : Order(before, now);
    }

    private static void Add(
        List<string> found, string what, IEnumerable<PictureEntry> pictures, Func<PictureEntry, string>? more = null)
    {
        if (pictures.ToList() is [var first, ..] all)
        {
            found.Add($"{all.Count} {(all.Count == 1 ? "picture" : "pictures")} {what} "
                + $"({(all.Count == 1 ? "" : "as ")}{first.File}{more?.Invoke(first)})");
        }
    }

    private static string Order(IReadOnlyList<PictureEntry> before, IReadOnlyList<PictureEntry> now)
    {
        var first = before.Zip(now).Select((pair, i) => (pair, i))
            .FirstOrDefault(entry => entry.pair.First.File != entry.pair.Second.File);
        return first.pair.First.File is null
            ? $"{now.Count} pictures instead of {before.Count}"
            : $"the pictures are in another order (number {first.i + 1} is {first.pair.Second.File} instead of "
                + $"{first.pair.First.File})";
    }

    private static Dictionary<string, PictureEntry> ByName(IReadOnlyList<PictureEntry> pictures)
    {
        var byName = new Dictionary<string, PictureEntry>(pictures.Count, StringComparer.Ordinal);
        foreach (var picture in pictures)
            byName[picture.File] = picture;
        return byName;
    }

    private static string Size(long bytes) => bytes < 0 ? "not there" : $"{bytes} bytes";
}
