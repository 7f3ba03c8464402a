namespace Flixstock.Engine;

/// <summary>Loss, validation mAP and learning rate of one run, or of several in the same charts.</summary>
internal static class CurvesSection
{
    /// <summary>The charts.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="more">A chart that stands beside them; null: none.</param>
    public static Markup Of(IReadOnlyList<RunReport> runs, Markup? more = null)
    {
        more ??= Markup.None;
        if (runs.All(run => run.Epochs.Count == 0 && run.Steps.Count == 0))
            return $"<p class=\"missing\">No epoch is finished yet, so there are no curves.</p>{more}";
        var axis = EpochAxis(runs);
        return new Markup().Add($"<div class=\"charts\">").Add(Loss(runs, axis)).Add(Quality(runs, axis))
            .Add(LearningRate(runs, axis)).Add(more).Add($"</div>");
    }

    private static ChartAxis EpochAxis(IReadOnlyList<RunReport> runs)
    {
        var last = runs.SelectMany(run => run.Epochs.Select(epoch => (double)epoch.Epoch).Concat(
            run.Steps.Select(step => Place(run, step)))).DefaultIfEmpty(1).Max();
        var first = last <= 1 || runs.Any(run => run.Steps.Count > 0) ? 0 : 1;
        return new ChartAxis(first, last) { Name = "epoch", Whole = true };
    }

    private static Markup Loss(IReadOnlyList<RunReport> runs, ChartAxis axis)
    {
        var values = runs.SelectMany(run => run.Steps.Select(step => step.Loss).Concat(run.Epochs.SelectMany(
            epoch => new[] { epoch.Loss, epoch.ValidationLoss, epoch.AverageValidationLoss })));
        var chart = new Chart("Loss by epoch", axis, ChartAxis.Around(values, "loss of a step", zero: true));
        foreach (var (run, i) in runs.Select((run, i) => (run, i)))
        {
            if (runs.Count == 1)
                chart.Line([.. run.Steps.Select(step => (Place(run, step), step.Loss))], "ink thin", "training");
            // The mean of an epoch is that of its middle, which shows next to its steps.
            var middle = run.Steps.Count > 0 ? 0.5 : 0;
            chart.Line(
                [.. run.Epochs.Select(epoch => (epoch.Epoch - middle, epoch.Loss))],
                runs.Count == 1 ? "ink" : $"t{i} thin", runs.Count == 1 && run.Steps.Count == 0 ? "training" : null);
            if (runs.Count > 1)
            {
                chart.Line(Points(run, Kept(epoch => epoch.ValidationLoss, epoch => epoch.AverageValidationLoss)),
                    $"t{i}", run.Name, dots: run.Epochs.Count <= 60);
                continue;
            }
            Both(chart, run, epoch => epoch.ValidationLoss, epoch => epoch.AverageValidationLoss, "validation");
        }
        return Html.Figure("Loss", chart, runs.Count == 1
            ? "Mean of the steps of an epoch, and of the validation pictures for both sets of weights."
            : "Thick: validation of the better of plain and averaged weights. Thin: training.");
    }

    private static Markup Quality(IReadOnlyList<RunReport> runs, ChartAxis axis)
    {
        var values = runs.SelectMany(run => run.Epochs.SelectMany(
            epoch => new[] { 100 * epoch.MeanAp, 100 * epoch.AverageMeanAp }));
        var chart = new Chart("Validation mAP by epoch", axis, ChartAxis.Around(values, "mAP, %", zero: true));
        foreach (var (run, i) in runs.Select((run, i) => (run, i)))
        {
            if (runs.Count == 1)
            {
                Both(chart, run, epoch => 100 * epoch.MeanAp, epoch => 100 * epoch.AverageMeanAp, "weights");
            }
            else
            {
                chart.Line(Points(run, Kept(epoch => 100 * epoch.MeanAp, epoch => 100 * epoch.AverageMeanAp)), $"t{i}",
                    run.Name, dots: run.Epochs.Count <= 60);
            }
        }
        if (runs is [{ Best: { } best }])
            chart.Mark(best.Epoch, "best");
        return Html.Figure("Validation mAP", chart, "Over annotated labels; unknown labels do not count.");
    }

    private static Markup LearningRate(IReadOnlyList<RunReport> runs, ChartAxis axis)
    {
        var values = runs.SelectMany(run => run.Epochs.Select(epoch => epoch.LearningRate).Concat(
            run.Steps.Select(step => step.LearningRate)));
        var chart = new Chart("Learning rate by epoch", axis, ChartAxis.Around(values, "learning rate", zero: true));
        foreach (var (run, i) in runs.Select((run, i) => (run, i)))
        {
            var points = run.Steps.Count > 0
                ? [.. run.Steps.Select(step => (Place(run, step), step.LearningRate))]
                : Points(run, epoch => epoch.LearningRate);
            chart.Line(points, $"t{i}", runs.Count == 1 ? null : run.Name, dots: points.Count <= 60);
        }
        return Html.Figure("Learning rate", chart, "At the last step of each epoch, or at every step.");
    }

    private static void Both(
        Chart chart, RunReport run, Func<EpochSummary, double> plain, Func<EpochSummary, double> averaged, string what)
    {
        chart.Line(Points(run, plain), "t0", what, dots: run.Epochs.Count <= 60);
        chart.Line(Points(run, averaged), "t1", "averaged", dots: run.Epochs.Count <= 60);
    }

    private static Func<EpochSummary, double> Kept(
        Func<EpochSummary, double> plain, Func<EpochSummary, double> averaged) =>
        epoch => epoch.Better == WeightsKind.Average ? averaged(epoch) : plain(epoch);

    private static IReadOnlyList<(double X, double Y)> Points(RunReport run, Func<EpochSummary, double> value) =>
        [.. run.Epochs.Select(epoch => ((double)epoch.Epoch, value(epoch)))];

    // A step's place among the epochs: an epoch ends where its validation is drawn.
    private static double Place(RunReport run, StepLoss step) =>
        run.Epochs is [.., { Step: > 0 } last] ? (double)step.Step * last.Epoch / last.Step : step.Epoch;
}
