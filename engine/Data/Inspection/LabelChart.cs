namespace Flixstock.Engine;

/// <summary>
/// Bar chart of a part's labels: for every class the pictures in which it is positive, negative and unknown, one after
/// the other.
/// </summary>
internal static class LabelChart
{
    /// <summary>Classes that fit on a chart; of more the commonest are drawn.</summary>
    public const int MostClasses = 60;

    /// <summary>Writes the chart as PNG and SVG.</summary>
    /// <param name="png">The PNG; the SVG stands next to it. Both are replaced if they exist.</param>
    /// <param name="attributes">The classes.</param>
    /// <param name="part">Counts of the part's labels.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(string png, AttributeTable attributes, PartSummary part) =>
        ChartFile.Save(png, Panel(attributes, part));

    /// <summary>The chart.</summary>
    /// <param name="attributes">The classes.</param>
    /// <param name="part">Counts of the part's labels.</param>
    /// <param name="width">Width in pixels.</param>
    public static ChartPanel Panel(AttributeTable attributes, PartSummary part, int width = 620)
    {
        var shown = Shown(part.Classes);
        BarSeries Series(string name, string tone, Func<ClassCount, int> count) =>
            new(name, tone, [.. shown.Select(k => (double)count(part.Classes[k]))]);
        var title = $"{part.Part}: labels of {part.Pictures} pictures";
        return new ChartPanel(
            title, shown.Length < part.Classes.Count
                ? $"The {shown.Length} commonest of {part.Classes.Count} classes."
                : "", new BarChart(
                title, new ChartAxis(0, Math.Max(1, part.Pictures)) { Name = "pictures" },
                [.. shown.Select(k => attributes.ClassNames[k])],
                [
                    Series("positive", "t0", count => count.Positive),
                    Series("negative", "t1", count => count.Negative),
                    Series("unknown", "quiet", count => count.Unknown),
                ], BarLayout.Stacked)
                { Width = width });
    }

    /// <summary>All classes in their order; of too many those with most positives, the commonest first.</summary>
    public static int[] Shown(IReadOnlyList<ClassCount> classes, int most = MostClasses)
    {
        var all = Enumerable.Range(0, classes.Count);
        return classes.Count <= most ? [.. all] : [.. all.OrderByDescending(k => classes[k].Positive).Take(most)];
    }
}
