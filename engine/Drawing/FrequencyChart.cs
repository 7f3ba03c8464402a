namespace Flixstock.Engine;

/// <summary>
/// Shares of pictures by class, one or more bars each; the commonest class of the first series first, at most forty
/// classes.
/// </summary>
internal static class FrequencyChart
{
    private const int MostClasses = 40;

    private static readonly string[] Tones = ["quiet", "t0", "t1", "t2"];

    /// <summary>Writes the chart as PNG and SVG.</summary>
    /// <param name="png">The PNG; the SVG stands next to it. Both are replaced if they exist.</param>
    /// <param name="title">Title above the chart.</param>
    /// <param name="names">[classes] names.</param>
    /// <param name="series">
    /// One to four; values [classes], 0 to 1, in the order of the names; what is not a number has no bar.
    /// </param>
    /// <param name="marked">A share that is marked, and its name; null: none.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(
        string png, string title, IReadOnlyList<string> names, IReadOnlyList<(string Name, double[] Values)> series,
        (double Share, string Name)? marked = null) => ChartFile.Save(png, Panel(title, names, series, marked));

    /// <summary>The chart; parameters as <see cref="Save"/>.</summary>
    public static ChartPanel Panel(
        string title, IReadOnlyList<string> names, IReadOnlyList<(string Name, double[] Values)> series,
        (double Share, string Name)? marked = null)
    {
        var order = Enumerable.Range(0, names.Count).OrderByDescending(k => series[0].Values[k]).ThenBy(k => k)
            .Take(MostClasses).ToArray();
        var bars = series.Select((one, i) => new BarSeries(
            one.Name, Tones[i], [.. order.Select(k => 100 * one.Values[k])])).ToList();
        var values = bars.SelectMany(one => one.Values).Append(100 * (marked?.Share ?? 0));
        var chart = new BarChart(
            title, ChartAxis.Around(values, "% of the pictures", zero: true), [.. order.Select(k => names[k])], bars);
        if (marked is var (share, name))
            chart.Mark(100 * share, name);
        return new ChartPanel(
            title, order.Length < names.Count ? $"The {order.Length} commonest of {names.Count} classes." : "", chart);
    }
}
