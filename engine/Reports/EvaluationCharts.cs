namespace Flixstock.Engine;

/// <summary>Charts of how well a model's probabilities fit the labels.</summary>
internal static class EvaluationCharts
{
    private const int NamedClasses = 3, Thresholds = 100, MostMultiples = 30, GridColumns = 5;

    /// <summary>All charts of one evaluation but the confusion matrices and those of single classes.</summary>
    public static IReadOnlyList<ChartPanel> Panels(RunEvaluation evaluation) =>
    [
        PrecisionRecall([("", "t0", evaluation)]), F1(evaluation), ByFrequency(evaluation), Reliability(evaluation),
        Probabilities(evaluation),
    ];

    /// <summary>Precision and recall of all labels together, of one evaluation or of several.</summary>
    public static ChartPanel PrecisionRecall(
        IReadOnlyList<(string Name, string Tone, RunEvaluation Evaluation)> evaluations)
    {
        var chart = new Chart(
            "Precision by recall", ChartAxis.OfShares("recall"), ChartAxis.OfShares("precision"));
        foreach (var (name, tone, evaluation) in evaluations)
            chart.Line(Curve(evaluation.Micro), tone, evaluations.Count > 1 ? name : null, steps: true);
        var ap = evaluations is [{ Evaluation.Report.Means.Micro: var micro }]
            ? $", AP {Html.Percent(micro.Value)} %"
            : "";
        return Panel("Precision and recall", chart, $"All known labels of all classes in one ranking (micro){ap}.");
    }

    /// <summary>
    /// Precision and recall of every class with an AP; of too many those with the lowest. Null: there is none.
    /// </summary>
    public static ChartPanel? PrecisionRecallByClass(RunEvaluation evaluation)
    {
        var (drawn, which) = Drawn(evaluation);
        return drawn.Count == 0 ? null : Panel("Precision and recall by class", new GridChart(
            "Precision by recall for each class",
            [.. drawn.Select(one => (one.Class.Name, AveragePrecision(one.Class), OfClass(one)))], GridColumns),
            char.ToUpperInvariant(which[0]) + which[1..] + ".");
    }

    /// <summary>The classes of <see cref="PrecisionRecallByClass"/>, and which they are in words.</summary>
    public static (IReadOnlyList<(ClassMetrics Class, ThresholdCurve Curve)> Drawn, string Which) Drawn(
        RunEvaluation evaluation)
    {
        var classes = evaluation.Report.Classes.Select((c, k) => (Class: c, Curve: evaluation.Curves[k]))
            .Where(one => double.IsFinite(one.Class.AveragePrecision)).ToList();
        var drawn = classes.Count <= MostMultiples
            ? classes
            : [.. classes.OrderBy(one => one.Class.AveragePrecision).Take(MostMultiples)];
        return (drawn, drawn.Count < classes.Count
            ? $"the {drawn.Count} with the lowest AP of {classes.Count}; the others are in the table"
            : "every class with known positives and negatives");
    }

    /// <summary>Precision and recall of one class, small.</summary>
    public static IChart OfClass((ClassMetrics Class, ThresholdCurve Curve) one)
    {
        var recall = new ChartAxis(0, 1) { MostTicks = 2 };
        return new Chart(one.Class.Name, recall, recall, 150, 104).Line(Curve(one.Curve), "t0", steps: true);
    }

    /// <summary>AP of a class and what it was computed from, in words.</summary>
    public static string AveragePrecision(ClassMetrics metrics) =>
        $"AP {Html.Percent(metrics.AveragePrecision)} %, {metrics.Positives} positive";

    /// <summary>The confusion matrix of an exclusive attribute.</summary>
    public static ChartPanel Confusion(RunEvaluation evaluation, int group, ConfusionMatrix matrix)
    {
        var cells = new ConfusionCells(matrix, ConfusionCells.MostClasses);
        var names = cells.Names(evaluation.Dataset.Attributes, group);
        var chart = new MatrixChart(
            "Confusion of classes", names, [.. names.Select((_, row) => cells.Of(row))],
            cells.Of(ConfusionCells.UnknownRow), "unknown")
        { LastIsOthers = cells.Merged > 0 };
        return Panel(
            $"{evaluation.Dataset.Attributes.Groups[group].Name}: what the model takes each label for", chart,
            "Number of pictures; the darker, the larger the share of the row."
                + (cells.Merged > 0
                    ? $" The {cells.Classes.Count} commonest classes; the other {cells.Merged} are one row."
                    : ""));
    }

    /// <summary>The points of a curve; empty without a known positive.</summary>
    public static IReadOnlyList<(double X, double Y)> Curve(ThresholdCurve curve) => curve.Positives == 0
        ? []
        : [
            (0, ThresholdCurve.Precision(curve.Points[0])),
            .. curve.Points.Select(point => (curve.Recall(point), ThresholdCurve.Precision(point))),
        ];

    /// <summary>F1 of all labels over the threshold, with the threshold that is used.</summary>
    public static ChartPanel F1(RunEvaluation evaluation) => F1(
        evaluation.Micro, evaluation.Curves, evaluation.Report.AtThreshold.Threshold, evaluation.UsesFittedThresholds);

    /// <summary>F1 of all labels over the threshold.</summary>
    /// <param name="micro">All labels in one ranking.</param>
    /// <param name="classes">The ranking of each class.</param>
    /// <param name="chosen">The threshold that is marked.</param>
    /// <param name="fitted">It is the mean of fitted ones.</param>
    public static ChartPanel F1(
        ThresholdCurve micro, IReadOnlyList<ThresholdCurve> classes, double chosen, bool fitted)
    {
        var at = Enumerable.Range(0, Thresholds + 1).Select(i => (double)i / Thresholds).ToList();
        var curves = classes.Where(curve => curve.Positives > 0).ToList();
        var chart = new Chart("F1 by threshold", ChartAxis.OfShares("threshold"), ChartAxis.OfShares("F1"));
        chart.Line([.. at.Select(t => (t, micro.F1At(t)))], "t0", "all labels");
        if (curves.Count > 0)
            chart.Line([.. at.Select(t => (t, curves.Average(curve => curve.F1At(t))))], "t1", "mean of classes");
        chart.Mark(chosen, $"{(fitted ? "mean " : "")}{ChartAxis.Text(Math.Round(chosen, 3))}");
        return Panel("F1 over the threshold", chart, fitted
            ? "The line is the mean of the classes' own thresholds, which were fitted on annotated pictures."
            : "The line is the threshold of every class; none were fitted.");
    }

    /// <summary>AP of every class with its interval, over the number of its known positives.</summary>
    public static ChartPanel ByFrequency(RunEvaluation evaluation)
    {
        var labels = evaluation.Training ?? evaluation.Validation;
        var classes = evaluation.Report.Classes.Select((c, k) => (Class: c, Known: labels.Positives[k]))
            .Where(one => double.IsFinite(one.Class.AveragePrecision) && one.Known > 0).ToList();
        var where = evaluation.Training is null ? "among these pictures" : "in training";
        var chart = new Chart(
            "AP by class frequency", ChartAxis.Ratios(
                classes.Select(one => (double)one.Known), $"known positives {where}"),
            new ChartAxis(0, 100) { Name = "AP, %" });
        foreach (var (c, known) in classes)
            chart.Point(known, c.AveragePrecision, c.Interval.Low, c.Interval.High, "t0", c.Name);
        var lowest = classes.OrderBy(one => one.Class.AveragePrecision).Take(NamedClasses)
            .Select(one => one.Class.Name);
        return Panel(
            "AP by class frequency", chart,
            $"Each point is a class, its line the 95 % interval. Lowest: {string.Join(", ", lowest)}.");
    }

    /// <summary>Share of positives by probability, before and after the temperature.</summary>
    public static ChartPanel Reliability(RunEvaluation evaluation) =>
        Reliability(evaluation.Before, evaluation.After, evaluation.Calibration?.Temperature);

    /// <summary>Share of positives by probability.</summary>
    /// <param name="before">Without the temperature.</param>
    /// <param name="after">As the probabilities are used.</param>
    /// <param name="temperature">The temperature; null: none was fitted.</param>
    public static ChartPanel Reliability(ReliabilityDiagram before, ReliabilityDiagram after, double? temperature)
    {
        static List<(double X, double Y)> Points(ReliabilityDiagram diagram) =>
            [.. diagram.Bins.Where(bin => bin.Labels > 0).Select(bin => (bin.MeanProbability, bin.ShareOfPositives))];
        var chart = new Chart(
            "Reliability", ChartAxis.OfShares("mean probability"), ChartAxis.OfShares("share that is positive"));
        chart.Line([(0, 0), (1, 1)], "quiet dashed", "perfect");
        var error = $"{CalibrationError.Bins} bins; expected calibration error {Html.Percent(100 * after.Error)} %";
        if (temperature is not { } divisor)
        {
            chart.Line(Points(after), "t0", "as trained", dots: true);
            return Panel("Reliability", chart, $"{error}; no temperature was fitted.");
        }
        chart.Line(Points(before), "t1", "before", dots: true);
        chart.Line(Points(after), "t0", "after", dots: true);
        return Panel(
            "Reliability", chart, $"{error} with temperature {ChartAxis.Text(divisor)}, "
                + $"{Html.Percent(100 * before.Error)} % without.");
    }

    /// <summary>Histogram of the probabilities by kind of label.</summary>
    public static ChartPanel Probabilities(RunEvaluation evaluation)
    {
        static List<(double X, double Y)> Points(long[] counts)
        {
            var all = counts.Sum();
            return all == 0
                ? []
                : [
                    (0, 100.0 * counts[0] / all),
                    .. counts.Select((count, bin) => ((bin + 1.0) / counts.Length, 100.0 * count / all)),
                ];
        }
        var (there, absent, unknown) = (Points(evaluation.Histogram.Positives), Points(
            evaluation.Histogram.Negatives), Points(evaluation.Histogram.Unknown));
        var chart = new Chart(
            "Probabilities", ChartAxis.OfShares("probability"), ChartAxis.Around(
                there.Concat(absent).Concat(unknown).Select(point => point.Y), "% of the labels", zero: true));
        chart.Line(unknown, "quiet", "unknown", steps: true);
        chart.Line(absent, "t1", "negative", steps: true);
        chart.Line(there, "t0", "positive", steps: true);
        return Panel("Probabilities", chart, $"Shares of each kind of label in {ProbabilityHistogram.Bins} bins.");
    }

    private static ChartPanel Panel(string title, IChart chart, string note) => new(title, note, chart);
}
