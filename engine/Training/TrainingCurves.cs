using ScottPlot;

namespace Flixstock.Engine;

/// <summary>
/// A run on one page: training and validation loss above, validation mAP of plain and averaged weights below.
/// </summary>
internal static class TrainingCurves
{
    private const int SmoothedParts = 40;

    private static readonly Color Training = new(70, 80, 95);
    private static readonly Color Plain = new(38, 110, 190), Averaged = new(232, 150, 50);

    /// <summary>Writes the curves as PNG.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="points">The epochs in order; at least one.</param>
    /// <param name="steps">The training loss by step.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(
        string path, IReadOnlyList<EpochSummary> points, IEnumerable<(double Step, double Loss)> steps) =>
        PictureWriter.WriteWhole(path, Encode(points, steps));

    /// <summary>The curves as the bytes of a PNG.</summary>
    public static byte[] Encode(
        IReadOnlyList<EpochSummary> points, IEnumerable<(double Step, double Loss)>? steps = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(points.Count, nameof(points));
        var loss = LossPlot(points, [.. steps ?? []]);
        var quality = QualityPlot(points);
        var (above, below) = (PictureDecoder.Decode(loss.GetImageBytes(900, 330, ImageFormat.Png), "loss curve"),
            PictureDecoder.Decode(quality.GetImageBytes(900, 350, ImageFormat.Png), "mAP curve"));
        // Rows lie one after the other, so one picture below the other is one array after the other.
        return PictureWriter.EncodePng(new RgbPicture(900, 680, [.. above.Pixels, .. below.Pixels]));
    }

    private static Plot LossPlot(IReadOnlyList<EpochSummary> points, (double Step, double Loss)[] steps)
    {
        var plot = EmbeddedFont.NewPlot();
        if (steps.Length > 1)
            AddSteps(plot, steps, (double)points[^1].Step / points[^1].Epoch);
        else
            AddLine(plot, points, point => point.Loss, "training", Training);
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

    // Every step thin, and over it the mean of the steps around: an epoch ends where its validation is drawn.
    private static void AddSteps(Plot plot, (double Step, double Loss)[] steps, double stepsPerEpoch)
    {
        var around = Math.Max(1, steps.Length / SmoothedParts / 2);
        var at = Array.ConvertAll(steps, point => point.Step / stepsPerEpoch);
        var loss = Array.ConvertAll(steps, point => point.Loss);
        var smooth = Enumerable.Range(0, steps.Length).Select(i =>
        {
            // As many on both sides, so that a slope is not shifted.
            var wide = Math.Min(around, Math.Min(i, steps.Length - 1 - i));
            return loss[(i - wide)..(i + wide + 1)].Average();
        });
        var thin = plot.Add.ScatterLine(at, loss, Training.WithAlpha(0.35));
        thin.LineWidth = 1;
        var line = plot.Add.ScatterLine(at, smooth.ToArray(), Training);
        line.LineWidth = 2;
        line.LegendText = "training";
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
        plot.Axes.SetLimitsX(points[0].Epoch - 1, points[^1].Epoch + (0.03 * points.Count));
    }
}
