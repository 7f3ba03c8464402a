namespace Flixstock.Engine;

/// <summary>What fitted thresholds and a fitted temperature change.</summary>
internal static class ThresholdCharts
{
    private const int MostClasses = 40;

    /// <summary>F1 over the threshold, F1 of each class, and reliability; the last two before and after.</summary>
    /// <param name="before">The evaluation with one threshold and without the temperature.</param>
    /// <param name="after">The evaluation with what was fitted, of the same labels.</param>
    /// <param name="logits">[N, classes] scores before they become probabilities.</param>
    /// <param name="labels">[N, classes] 1, 0, -1 unknown.</param>
    /// <param name="plain">The model without the temperature.</param>
    /// <param name="fitted">The model with it.</param>
    public static IReadOnlyList<ChartPanel> Panels(
        EvaluationReport before, EvaluationReport after, float[] logits, sbyte[] labels, Checkpoint plain,
        Checkpoint fitted)
    {
        var (asTrained, used) = (new float[logits.Length], new float[logits.Length]);
        plain.Probabilities.Apply(logits, asTrained);
        fitted.Probabilities.Apply(logits, used);
        var classes = after.Classes.Count;
        return
        [
            EvaluationCharts.F1(
                ThresholdCurve.OfAll(used, labels),
                [.. Enumerable.Range(0, classes).Select(k => ThresholdCurve.OfClass(used, labels, classes, k))],
                after.AtThreshold.Threshold, fitted: true),
            ByClass(before, after),
            EvaluationCharts.Reliability(
                ReliabilityDiagram.Of(asTrained, labels), ReliabilityDiagram.Of(used, labels),
                fitted.Calibration?.Temperature),
        ];
    }

    private static ChartPanel ByClass(EvaluationReport before, EvaluationReport after)
    {
        var known = Enumerable.Range(0, after.Classes.Count).Where(k => after.Classes[k].Positives > 0).ToList();
        var shown = known.Count <= MostClasses
            ? known
            : [.. known.OrderByDescending(k => after.Classes[k].Positives).Take(MostClasses)];
        BarSeries Series(string name, string tone, EvaluationReport report) => new(
            name, tone, [.. shown.Select(k => report.Classes[k].F1)]);
        const string Title = "F1 by class, before and after";
        return new ChartPanel(
            Title, shown.Count < known.Count
                ? $"The {shown.Count} classes with most positives of {known.Count}."
                : "Classes with known positives; on the pictures that the thresholds were fitted on.", new BarChart(
                Title, new ChartAxis(0, 100) { Name = "F1, %" }, [.. shown.Select(k => after.Classes[k].Name)],
                [Series("before", "t1", before), Series("after", "t0", after)]));
    }
}
