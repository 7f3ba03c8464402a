namespace Flixstock.Engine;

/// <summary>What is drawn of a run.</summary>
/// <param name="Name">Its name, where there are several.</param>
/// <param name="Epochs">The epochs in order.</param>
/// <param name="Steps">The training loss by step, or as much of it as is known.</param>
internal sealed record RunCurves(string Name, IReadOnlyList<EpochSummary> Epochs, IReadOnlyList<StepLoss> Steps)
{
    /// <summary>See <see cref="TrainingStart.LabelsPerBatch"/>; NaN: unknown.</summary>
    public double LabelsPerBatch { get; init; } = double.NaN;

    /// <summary>The best epoch; null if there is none yet.</summary>
    public EpochSummary? Best => Epochs.LastOrDefault(epoch => epoch.Best);
}

/// <summary>Loss, validation mAP and learning rate of one run, or of several in the same charts.</summary>
internal static class TrainingCurves
{
    /// <summary>Writes the charts of one run as PNG and SVG.</summary>
    /// <param name="png">The PNG; the SVG stands next to it. Both are replaced if they exist.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(string png, RunCurves run) => ChartFile.Save(png, Panels([run]));

    /// <summary>Writes the SVG alone, which takes a hundredth of the time: as after every epoch.</summary>
    /// <param name="png">The PNG that it stands next to.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void SaveSvg(string png, RunCurves run) => ChartFile.SaveSvg(png, Panels([run]));

    /// <summary>The charts; of runs without an epoch and a step they are empty.</summary>
    public static IReadOnlyList<ChartPanel> Panels(IReadOnlyList<RunCurves> runs)
    {
        var axis = EpochAxis(runs);
        return [Loss(runs, axis), Quality(runs, axis), LearningRate(runs, axis)];
    }

    private static ChartAxis EpochAxis(IReadOnlyList<RunCurves> runs)
    {
        var last = runs.SelectMany(run => run.Epochs.Select(epoch => (double)epoch.Epoch).Concat(
            run.Steps.Select(step => Place(run, step)))).DefaultIfEmpty(1).Max();
        var first = last <= 1 || runs.Any(run => run.Steps.Count > 0) ? 0 : 1;
        return new ChartAxis(first, last) { Name = "epoch", Whole = true };
    }

    private static ChartPanel Loss(IReadOnlyList<RunCurves> runs, ChartAxis axis)
    {
        // Losses of a batch are sums: only divided they compare between batch sizes.
        var divided = runs.All(run => double.IsFinite(run.LabelsPerBatch));
        double Part(RunCurves run, double loss) => divided ? loss / run.LabelsPerBatch : loss;
        double OfStep(RunCurves run, StepLoss step) =>
            divided && double.IsFinite(step.PerLabel) ? step.PerLabel : Part(run, step.Loss);
        double Kept(RunCurves run, EpochSummary epoch) => Part(
            run, Better(epoch => epoch.ValidationLoss, epoch => epoch.AverageValidationLoss)(epoch));

        var values = runs.SelectMany(run => run.Steps.Select(step => OfStep(run, step)).Concat(run.Epochs.SelectMany(
            epoch => new[] { epoch.Loss, epoch.ValidationLoss, epoch.AverageValidationLoss }.Select(
                loss => Part(run, loss)))));
        var chart = NewChart("Loss by epoch", axis, ChartAxis.Around(
            values, divided ? "loss per label" : "loss of a step", zero: true));
        foreach (var (run, i) in runs.Select((run, i) => (run, i)))
        {
            if (runs.Count == 1)
            {
                chart.Line(
                    [.. run.Steps.Select(step => (Place(run, step), OfStep(run, step)))], "ink thin", "training");
            }
            // The mean of an epoch is that of its middle, which shows next to its steps.
            var middle = run.Steps.Count > 0 ? 0.5 : 0;
            chart.Line(
                [.. run.Epochs.Select(epoch => (epoch.Epoch - middle, Part(run, epoch.Loss)))],
                runs.Count == 1 ? "ink" : $"t{i} thin", runs.Count == 1 && run.Steps.Count == 0 ? "training" : null);
            if (runs.Count > 1)
            {
                chart.Line(Points(run, epoch => Kept(run, epoch)), $"t{i}", run.Name, dots: run.Epochs.Count <= 60);
                continue;
            }
            Both(chart, run, epoch => Part(run, epoch.ValidationLoss), epoch => Part(run, epoch.AverageValidationLoss),
                "validation");
        }
        return new ChartPanel(
            "Loss", runs.Count == 1
                ? "Mean of the steps of an epoch, and of the validation pictures for both sets of weights."
                : "Thick: validation of the better of plain and averaged weights. Thin: training.", chart);
    }

    private static ChartPanel Quality(IReadOnlyList<RunCurves> runs, ChartAxis axis)
    {
        var values = runs.SelectMany(run => run.Epochs.SelectMany(
            epoch => new[] { 100 * epoch.MeanAp, 100 * epoch.AverageMeanAp }));
        var chart = NewChart("Validation mAP by epoch", axis, ChartAxis.Around(values, "mAP, %", zero: true));
        foreach (var (run, i) in runs.Select((run, i) => (run, i)))
        {
            if (runs.Count == 1)
            {
                Both(chart, run, epoch => 100 * epoch.MeanAp, epoch => 100 * epoch.AverageMeanAp, "weights");
            }
            else
            {
                var better = Better(epoch => 100 * epoch.MeanAp, epoch => 100 * epoch.AverageMeanAp);
                chart.Line(Points(run, better), $"t{i}", run.Name, dots: run.Epochs.Count <= 60);
            }
        }
        if (runs is [{ Best: { } best }])
            chart.Mark(best.Epoch, "best");
        return new ChartPanel("Validation mAP", "Over annotated labels; unknown labels do not count.", chart);
    }

    private static ChartPanel LearningRate(IReadOnlyList<RunCurves> runs, ChartAxis axis)
    {
        var values = runs.SelectMany(run => run.Epochs.Select(epoch => epoch.LearningRate).Concat(
            run.Steps.Select(step => step.LearningRate)));
        var chart = NewChart("Learning rate by epoch", axis, ChartAxis.Around(values, "learning rate", zero: true));
        foreach (var (run, i) in runs.Select((run, i) => (run, i)))
        {
            var points = run.Steps.Any(step => double.IsFinite(step.LearningRate))
                ? [.. run.Steps.Select(step => (Place(run, step), step.LearningRate))]
                : Points(run, epoch => epoch.LearningRate);
            chart.Line(points, $"t{i}", runs.Count == 1 ? null : run.Name, dots: points.Count <= 60);
        }
        return new ChartPanel("Learning rate", "At the last step of each epoch, or at every step.", chart);
    }

    // Their epochs lie under one another.
    private static Chart NewChart(string title, ChartAxis x, ChartAxis y) =>
        new(title, x, y) { LeastLeft = 52, LeastRight = 84 };

    private static void Both(
        Chart chart, RunCurves run, Func<EpochSummary, double> plain, Func<EpochSummary, double> averaged, string what)
    {
        chart.Line(Points(run, plain), "t0", what, dots: run.Epochs.Count <= 60);
        chart.Line(Points(run, averaged), "t1", "averaged", dots: run.Epochs.Count <= 60);
    }

    private static Func<EpochSummary, double> Better(
        Func<EpochSummary, double> plain, Func<EpochSummary, double> averaged) =>
        epoch => epoch.Better == WeightsKind.Average ? averaged(epoch) : plain(epoch);

    private static IReadOnlyList<(double X, double Y)> Points(RunCurves run, Func<EpochSummary, double> value) =>
        [.. run.Epochs.Select(epoch => ((double)epoch.Epoch, value(epoch)))];

    // A step's place among the epochs: an epoch ends where its validation is drawn.
    private static double Place(RunCurves run, StepLoss step) =>
        run.Epochs is [.., { Step: > 0 } last] ? (double)step.Step * last.Epoch / last.Step : step.Epoch;
}
