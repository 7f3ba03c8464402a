using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// Bar chart of one attribute: pictures by class in training before and after balancing, and in validation; the unknown
/// ones last.
/// </summary>
internal static class DistributionChart
{
    /// <summary>Writes the chart as PNG and SVG.</summary>
    /// <param name="png">The PNG; the SVG stands next to it. Both are replaced if they exist.</param>
    /// <param name="distribution">The counts, as a split reports them.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(string png, ClassDistribution distribution) => ChartFile.Save(png, Panel(distribution));

    /// <summary>The chart.</summary>
    public static ChartPanel Panel(ClassDistribution distribution)
    {
        var group = distribution.Group;
        (string Name, string Tone, int[] Counts)[] series =
        [
            ("training", "quiet", distribution.TrainBefore), ("training, balanced", "t0", distribution.TrainAfter),
            ("validation", "t1", distribution.Validation),
        ];
        var title = $"{group.Name}: pictures by class";
        return new ChartPanel(title, "", new BarChart(
            title, ChartAxis.Around(series.SelectMany(one => one.Counts).Select(Number), "pictures", zero: true),
            [.. Enumerable.Range(0, group.Classes + 1).Select(k => Name(group, k))],
            [
                .. series.Select(one => new BarSeries(one.Name, one.Tone, [.. one.Counts.Select(Number)])
                {
                    Text = count => count.ToString(CultureInfo.InvariantCulture),
                }),
            ]));
    }

    private static double Number(int count) => count;

    private static string Name(AttributeGroup group, int index) => index == group.Classes
        ? "unknown"
        : group.ClassNames?[index] ?? index.ToString(CultureInfo.InvariantCulture);
}
