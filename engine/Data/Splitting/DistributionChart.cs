using ScottPlot;

namespace Flixstock.Engine;

/// <summary>
/// Bar chart of one attribute: pictures per class in training before and after balancing, and in validation; the
/// unknown ones last.
/// </summary>
internal static class DistributionChart
{
    private static readonly (string Name, Color Color)[] Series =
    [
        ("training", new Color(150, 166, 186)), ("training, balanced", new Color(38, 110, 190)),
        ("validation", new Color(232, 150, 50)),
    ];

    /// <summary>Writes the chart as PNG.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="distribution">The counts, as a split reports them.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(string path, ClassDistribution distribution) =>
        PictureWriter.WriteWhole(path, Encode(distribution));

    /// <summary>The chart as the bytes of a PNG.</summary>
    public static byte[] Encode(ClassDistribution distribution)
    {
        var plot = EmbeddedFont.NewPlot();
        int[][] counts = [distribution.TrainBefore, distribution.TrainAfter, distribution.Validation];
        var largest = Math.Max(1, counts.Max(series => series.Max()));
        var classes = distribution.Group.Classes + 1;
        for (var series = 0; series < counts.Length; series++)
        {
            var bars = plot.Add.Bars(
                Enumerable.Range(0, classes).Select(i => Bar(i, series, counts[series][i])).ToArray());
            bars.LegendText = Series[series].Name;
            bars.ValueLabelStyle.FontSize = 11;
            bars.ValueLabelStyle.ForeColor = Colors.DimGray;
        }
        var names = Enumerable.Range(0, classes).Select(i => Name(distribution.Group, i)).ToArray();
        var longest = names.Max(name => name.Length);
        StyleAxes(plot, distribution.Group, names, longest);
        plot.Axes.SetLimits(-0.6, classes - 0.4, 0, largest * 1.1);
        var width = Math.Max(800, 320 + (classes * 105));
        return plot.GetImageBytes(width, 440 + (longest > 12 ? longest * 4 : 0), ImageFormat.Png);
    }

    private static Bar Bar(int index, int series, int count) => new()
    {
        Position = index + ((series - 1) * 0.28),
        Value = count,
        Size = 0.26,
        FillColor = Series[series].Color,
        LineWidth = 0,
        ValueLabel = count.ToString(),
    };

    private static void StyleAxes(Plot plot, AttributeGroup group, string[] names, int longest)
    {
        plot.Title(group.Name + ": pictures per class");
        plot.YLabel("pictures");
        plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, names.Length).Select(i => (double)i)], names);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 13;
        if (longest > 12)
        {
            plot.Axes.Bottom.TickLabelStyle.Rotation = -30;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperRight;
            plot.Axes.Bottom.MinimumSize = 10 + (longest * 4);
            plot.Axes.Left.MinimumSize = 24 + (longest * 5);
        }
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.ShowLegend(Edge.Right); // outside: any bar may be the tallest
        plot.Legend.FontSize = 13;
    }

    private static string Name(AttributeGroup group, int index) =>
        index == group.Classes ? "unknown" : group.ClassNames is { } names ? names[index] : index.ToString();
}
