using ScottPlot;

namespace Flixstock.Engine;

/// <summary>The losses of a range test over the logarithm of the learning rate, with the suggestion.</summary>
internal static class RangeChart
{
    private static readonly Color Line = new(38, 110, 190), Mark = new(232, 150, 50);

    /// <summary>Writes the chart as PNG.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="range">At least one point.</param>
    public static void Save(string path, LearningRateRange range) =>
        PictureWriter.WriteWhole(path, Encode(range));

    /// <summary>The chart as the bytes of a PNG.</summary>
    public static byte[] Encode(LearningRateRange range)
    {
        var plot = EmbeddedFont.NewPlot();
        double[] at = [.. range.Points.Select(point => Math.Log10(point.LearningRate))];
        var thin = plot.Add.ScatterLine(at, [.. range.Points.Select(point => point.Loss)], Line.WithAlpha(0.3));
        thin.LineWidth = 1;
        plot.Add.ScatterLine(at, [.. range.Points.Select(point => point.Smoothed)], Line).LineWidth = 2;
        plot.XLabel("learning rate");
        plot.YLabel("loss per label");
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
        {
            IntegerTicksOnly = true,
            LabelFormatter = power => $"1e{power:0}",
        };
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.AutoScale();
        // What explodes at the end would flatten everything before it.
        var smoothed = range.Points.Select(point => point.Smoothed).ToList();
        var top = Math.Max(smoothed[0], smoothed.Min()) * 1.3;
        plot.Axes.SetLimitsY(smoothed.Min() * 0.9, top);
        if (range.Suggested is { } rate)
            AddMark(plot, rate, top);
        return plot.GetImageBytes(900, 420, ImageFormat.Png);
    }

    private static void AddMark(Plot plot, double rate, double top)
    {
        plot.Add.VerticalLine(Math.Log10(rate), 2, Mark, LinePattern.Dashed);
        var text = plot.Add.Text($"suggested {rate:0.0e+0}", Math.Log10(rate), top);
        (text.LabelAlignment, text.OffsetX, text.OffsetY) = (Alignment.UpperLeft, 6, 6);
        (text.LabelFontColor, text.LabelFontSize) = (Mark, 14);
        text.LabelFontName = EmbeddedFont.FamilyName;
    }
}
