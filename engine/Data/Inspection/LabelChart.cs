using ScottPlot;

namespace Flixstock.Engine;

/// <summary>
/// Bar chart of a part's labels: for every class, stacked bars of the pictures in which it is positive, negative and
/// unknown.
/// </summary>
internal static class LabelChart
{
    /// <summary>Classes that fit on a chart; of more the commonest are drawn.</summary>
    public const int MostClasses = 60;

    private static readonly (string Name, Color Color)[] Series =
    [
        ("positive", new Color(38, 110, 190)), ("negative", new Color(232, 150, 50)),
        ("unknown", new Color(214, 219, 226)),
    ];

    /// <summary>Writes the chart as PNG.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="attributes">The classes.</param>
    /// <param name="part">Counts of the part's labels.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(string path, AttributeTable attributes, PartSummary part) =>
        PictureWriter.WriteWhole(path, Encode(attributes, part));

    /// <summary>The chart as the bytes of a PNG.</summary>
    public static byte[] Encode(AttributeTable attributes, PartSummary part)
    {
        var shown = Shown(part.Classes);
        var plot = EmbeddedFont.NewPlot();
        for (var series = 0; series < Series.Length; series++)
        {
            var bars = plot.Add.Bars(shown.Select((k, place) => Bar(place, series, part.Classes[k])).ToArray());
            bars.LegendText = Series[series].Name;
        }
        plot.Title($"{part.Part}: labels of {part.Pictures} pictures" + (shown.Length < part.Classes.Count
            ? $", the {shown.Length} commonest of {part.Classes.Count} classes"
            : ""));
        plot.YLabel("pictures");
        plot.Axes.Bottom.SetTicks(
            [.. Enumerable.Range(0, shown.Length).Select(i => (double)i)],
            [.. shown.Select(k => attributes.ClassNames[k])]);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.Axes.Bottom.TickLabelStyle.Rotation = -60;
        plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperRight;
        plot.Axes.Bottom.MinimumSize = 30 + (shown.Max(k => attributes.ClassNames[k].Length) * 7);
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.SetLimits(-0.6, shown.Length - 0.4, 0, Math.Max(1, part.Pictures) * 1.02);
        plot.ShowLegend(Edge.Right);
        return plot.GetImageBytes(Math.Max(800, 300 + (shown.Length * 26)), 640, ImageFormat.Png);
    }

    /// <summary>All classes in their order; of too many those with most positives, the commonest first.</summary>
    public static int[] Shown(IReadOnlyList<ClassCount> classes, int most = MostClasses)
    {
        var all = Enumerable.Range(0, classes.Count);
        return classes.Count <= most ? [.. all] : [.. all.OrderByDescending(k => classes[k].Positive).Take(most)];
    }

    private static Bar Bar(int place, int series, ClassCount count)
    {
        int[] tops = [count.Positive, count.Positive + count.Negative, count.Positive + count.Negative + count.Unknown];
        return new Bar
        {
            Position = place,
            ValueBase = series == 0 ? 0 : tops[series - 1],
            Value = tops[series],
            Size = 0.8,
            FillColor = Series[series].Color,
            LineWidth = 0,
        };
    }
}
