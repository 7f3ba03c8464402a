using System.Globalization;

namespace Flixstock.Engine;

/// <summary>Names of the changed copies that a split makes of training pictures.</summary>
internal static class ChangedCopy
{
    private const string Mark = "_aug_", Extension = ".jpg";

    /// <summary>The name of a copy.</summary>
    /// <param name="file">The picture's file.</param>
    /// <param name="number">Number of the copy, from 1.</param>
    public static string NameOf(string file, int number) => SafeFileName.Fitting(
        Path.GetFileNameWithoutExtension(file), $"{Mark}{number.ToString(CultureInfo.InvariantCulture)}{Extension}");

    /// <summary>For each picture the place of its original: its own, unless it is a copy of another one.</summary>
    /// <param name="samples">The pictures.</param>
    public static int[] Originals(IReadOnlyList<Sample> samples)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < samples.Count; i++)
            places.TryAdd(Path.GetFileNameWithoutExtension(samples[i].File), i);
        return [.. samples.Select((sample, i) => OriginalOf(sample.File, places) ?? i)];
    }

    private static int? OriginalOf(string copy, Dictionary<string, int> places)
    {
        var name = Path.GetFileName(copy);
        var mark = name.LastIndexOf(Mark, StringComparison.Ordinal);
        if (mark <= 0 || !name.EndsWith(Extension, StringComparison.Ordinal) || !int.TryParse(
            name.AsSpan(mark + Mark.Length, Math.Max(0, name.Length - mark - Mark.Length - Extension.Length)),
            NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        if (places.TryGetValue(name[..mark], out var place))
            return place;
        // A long name was shortened for its copies.
        foreach (var (stem, at) in places)
        {
            if (stem.Length > mark / 2 && NameOf($"{stem}.", number) == name)
                return at;
        }
        return null;
    }
}
