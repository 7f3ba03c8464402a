using ScottPlot;

namespace Flixstock.Engine;

/// <summary>
/// Shares of pictures per class, one or more bars each; the commonest class of the first series first, at most forty
/// classes.
/// </summary>
internal static class FrequencyChart
{
    private const int MostClasses = 40;

    private static readonly Color[] Palette = [new(150, 166, 186), new(38, 110, 190), new(232, 150, 50), new(
        90, 160, 90)];

    /// <summary>Writes the chart as PNG.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="title">Title above the chart.</param>
    /// <param name="names">[classes] names.</param>
    /// <param name="series">
    /// One to four; values [classes], 0 to 1, in the order of the names; what is not a number has no bar.
    /// </param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(
        string path, string title, IReadOnlyList<string> names, IReadOnlyList<(string Name, double[] Values)> series) =>
        PictureWriter.WriteWhole(path, Encode(title, names, series));

    /// <summary>The chart as the bytes of a PNG.</summary>
    public static byte[] Encode(
        string title, IReadOnlyList<string> names, IReadOnlyList<(string Name, double[] Values)> series)
    {
        var order = Enumerable.Range(0, names.Count).OrderByDescending(k => series[0].Values[k]).ThenBy(k => k)
            .Take(MostClasses).ToArray();
        var plot = EmbeddedFont.NewPlot();
        var width = 0.84 / series.Count;
        for (var i = 0; i < series.Count; i++)
        {
            var bars = plot.Add.Bars(order.Select((k, place) => Bar(
                place + ((i - ((series.Count - 1) / 2.0)) * width), series[i].Values[k],
                width * 0.94, Palette[i])).ToArray());
            bars.LegendText = series[i].Name;
        }
        Style(
            plot, order.Length < names.Count ? $"{title} ({order.Length} commonest of {names.Count} classes)" : title,
            [.. order.Select(k => names[k])]);
        var largest = series.Max(one => order.Max(k => double.IsFinite(one.Values[k]) ? one.Values[k] : 0));
        plot.Axes.SetLimits(-0.6, order.Length - 0.4, 0, Math.Max(largest * 110, 1e-3));
        return plot.GetImageBytes(Math.Max(800, 260 + (order.Length * 34)), 460, ImageFormat.Png);
    }

    private static Bar Bar(double position, double value, double size, Color color) =>
        new()
        {
            Position = position,
            Value = double.IsFinite(value) ? value * 100 : 0,
            Size = size,
            FillColor = color,
            LineWidth = 0,
        };

    private static void Style(Plot plot, string title, string[] names)
    {
        var longest = names.Max(name => name.Length);
        plot.Title(title);
        plot.YLabel("% of the pictures");
        plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, names.Length).Select(i => (double)i)], names);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 12;
        plot.Axes.Bottom.TickLabelStyle.Rotation = -45;
        plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperRight;
        plot.Axes.Bottom.MinimumSize = 24 + (Math.Min(longest, 30) * 5);
        plot.Axes.Left.MinimumSize = 60;
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.ShowLegend(Alignment.UpperRight);
        plot.Legend.FontSize = 13;
    }
}
