using ScottPlot;

namespace Flixstock.Engine;

/// <summary>
/// A run on one page: training and validation loss above, validation mAP of plain and averaged weights below.
/// </summary>
internal static class TrainingCurves
{
    private static readonly Color Plain = new(38, 110, 190), Averaged = new(232, 150, 50);

    /// <summary>Writes the curves as PNG.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="points">The epochs in order; at least one.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(string path, IReadOnlyList<EpochSummary> points) =>
        PictureWriter.WriteWhole(path, Encode(points));

    /// <summary>The curves as the bytes of a PNG.</summary>
    public static byte[] Encode(IReadOnlyList<EpochSummary> points)
    {
        ArgumentOutOfRangeException.ThrowIfZero(points.Count, nameof(points));
        var loss = LossPlot(points);
        var quality = QualityPlot(points);
        var (above, below) = (PictureDecoder.Decode(loss.GetImageBytes(900, 330, ImageFormat.Png), "loss curve"),
            PictureDecoder.Decode(quality.GetImageBytes(900, 350, ImageFormat.Png), "mAP curve"));
        // Rows lie one after the other, so one picture below the other is one array after the other.
        return PictureWriter.EncodePng(new RgbPicture(900, 680, [.. above.Pixels, .. below.Pixels]));
    }

    private static Plot LossPlot(IReadOnlyList<EpochSummary> points)
    {
        var plot = EmbeddedFont.NewPlot();
        AddLine(plot, points, point => point.Loss, "training", new Color(70, 80, 95));
        AddLine(plot, points, point => point.ValidationLoss, "validation, weights", Plain);
        AddLine(plot, points, point => point.AverageValidationLoss, "validation, averaged weights", Averaged);
        Style(plot, "Loss", "loss per step", points);
        ShowLegend(plot, Alignment.UpperRight);
        return plot;
    }

    private static Plot QualityPlot(IReadOnlyList<EpochSummary> points)
    {
        var plot = EmbeddedFont.NewPlot();
        AddLine(plot, points, point => point.MeanAp * 100, "weights", Plain);
        AddLine(plot, points, point => point.AverageMeanAp * 100, "averaged weights", Averaged);
        var computed = points.Any(point => double.IsFinite(point.MeanAp) || double.IsFinite(point.AverageMeanAp));
        Style(
            plot, $"Validation mAP over annotated labels{(computed ? "" : ": cannot be computed")}", "mAP, %", points);
        plot.XLabel("epoch");
        if (computed)
            ShowLegend(plot, Alignment.LowerRight);
        // Not measured is NaN: it leaves a gap, or no line at all.
        var best = points.SelectMany(point => new[] { point.MeanAp, point.AverageMeanAp }).Where(double.IsFinite)
            .Select(value => value * 100).DefaultIfEmpty(100).Max();
        plot.Axes.SetLimitsY(0, Math.Min(105, best * 1.15));
        return plot;
    }

    private static void ShowLegend(Plot plot, Alignment alignment)
    {
        plot.ShowLegend(alignment);
        plot.Legend.FontSize = 13;
    }

    private static void AddLine(
        Plot plot, IReadOnlyList<EpochSummary> points, Func<EpochSummary, double> value, string name, Color color)
    {
        var known = points.Where(point => double.IsFinite(value(point))).ToArray();
        if (known.Length == 0)
            return;
        var line = plot.Add.Scatter(
            known.Select(point => (double)point.Epoch).ToArray(), known.Select(value).ToArray(), color);
        line.LegendText = name;
        line.LineWidth = 2;
        line.MarkerSize = known.Length > 60 ? 0 : 6;
    }

    private static void Style(Plot plot, string title, string vertical, IReadOnlyList<EpochSummary> points)
    {
        plot.Title(title);
        plot.YLabel(vertical);
        plot.Axes.Left.MinimumSize = 70; // the two plots' axes stay in line
        plot.Axes.Right.MinimumSize = 20;
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(points[0].Epoch - 0.5, points[^1].Epoch + 0.5);
    }
}
