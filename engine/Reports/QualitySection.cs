namespace Flixstock.Engine;

/// <summary>Charts of how well the probabilities of a run's best weights fit the labels.</summary>
internal static class QualitySection
{
    private const int MostMultiples = 30, NamedClasses = 3, Thresholds = 100;

    /// <summary>The charts of one run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="evaluation">Its evaluation.</param>
    public static Markup Of(RunReport run, RunEvaluation evaluation) => new Markup()
        .Add($"<div class=\"charts\">")
        .Add(PrecisionRecall([run]))
        .Add(F1(evaluation))
        .Add(ByFrequency(evaluation))
        .Add(Reliability(evaluation))
        .Add(Probabilities(evaluation))
        .Add($"</div>")
        .Add(Multiples(evaluation));

    /// <summary>Precision and recall of all labels together, of one run or of several.</summary>
    public static Markup PrecisionRecall(IReadOnlyList<RunReport> runs)
    {
        var chart = new Chart(
            "Precision by recall", ChartAxis.OfShares("recall"), ChartAxis.OfShares("precision"));
        for (var i = 0; i < runs.Count; i++)
        {
            if (runs[i].Evaluation is { } evaluation)
                chart.Line(Curve(evaluation.Micro), $"t{i}", runs.Count > 1 ? runs[i].Name : null, steps: true);
        }
        var ap = runs is [{ Evaluation.Report.Means.Micro: var micro }] ? $", AP {Html.Percent(micro.Value)} %" : "";
        return Html.Figure(
            "Precision and recall", chart, $"All known labels of all classes in one ranking (micro){ap}.");
    }

    private static IReadOnlyList<(double X, double Y)> Curve(ThresholdCurve curve) => curve.Positives == 0
        ? []
        : [
            (0, ThresholdCurve.Precision(curve.Points[0])),
            .. curve.Points.Select(point => (curve.Recall(point), ThresholdCurve.Precision(point))),
        ];

    private static Markup F1(RunEvaluation evaluation)
    {
        var at = Enumerable.Range(0, Thresholds + 1).Select(i => (double)i / Thresholds).ToList();
        var curves = evaluation.Curves.Where(curve => curve.Positives > 0).ToList();
        var chart = new Chart("F1 by threshold", ChartAxis.OfShares("threshold"), ChartAxis.OfShares("F1"));
        chart.Line([.. at.Select(t => (t, evaluation.Micro.F1At(t)))], "t0", "all labels");
        if (curves.Count > 0)
            chart.Line([.. at.Select(t => (t, curves.Average(curve => curve.F1At(t))))], "t1", "mean of classes");
        var chosen = evaluation.Report.AtThreshold.Threshold;
        var fitted = evaluation.Calibration is not null;
        chart.Mark(chosen, $"{(fitted ? "mean " : "")}{ChartAxis.Text(Math.Round(chosen, 3))}");
        return Html.Figure("F1 over the threshold", chart, fitted
            ? "The line is the mean of the classes' own thresholds, which were fitted on annotated pictures."
            : "The line is the threshold of every class; none were fitted.");
    }

    private static Markup ByFrequency(RunEvaluation evaluation)
    {
        var labels = evaluation.Training ?? evaluation.Validation;
        var classes = evaluation.Report.Classes.Select((c, k) => (Class: c, Known: labels.Positives[k]))
            .Where(one => double.IsFinite(one.Class.AveragePrecision) && one.Known > 0).ToList();
        var where = evaluation.Training is null ? "validation" : "training";
        var chart = new Chart(
            "AP by class frequency", ChartAxis.Ratios(
                classes.Select(one => (double)one.Known), $"known positives in {where}"),
            new ChartAxis(0, 100) { Name = "AP, %" });
        foreach (var (c, known) in classes)
            chart.Point(known, c.AveragePrecision, c.Interval.Low, c.Interval.High, "t0", c.Name);
        var lowest = classes.OrderBy(one => one.Class.AveragePrecision).Take(NamedClasses)
            .Select(one => one.Class.Name);
        return Html.Figure("AP by class frequency", chart,
            $"Each point is a class, its line the 95 % interval. Lowest: {string.Join(", ", lowest)}.");
    }

    private static Markup Reliability(RunEvaluation evaluation)
    {
        static List<(double X, double Y)> Points(ReliabilityDiagram diagram) =>
            [.. diagram.Bins.Where(bin => bin.Labels > 0).Select(bin => (bin.MeanProbability, bin.ShareOfPositives))];
        var chart = new Chart(
            "Reliability", ChartAxis.OfShares("mean probability"), ChartAxis.OfShares("share that is positive"));
        chart.Line([(0, 0), (1, 1)], "quiet dashed", "perfect");
        var after = $"expected calibration error {Html.Percent(100 * evaluation.After.Error)} %";
        if (evaluation.Calibration is not { } calibration)
        {
            chart.Line(Points(evaluation.After), "t0", "as trained", dots: true);
            return Html.Figure(
                "Reliability", chart, $"{CalibrationError.Bins} bins; {after}; no temperature was fitted.");
        }
        chart.Line(Points(evaluation.Before), "t1", "before", dots: true);
        chart.Line(Points(evaluation.After), "t0", "after", dots: true);
        return Html.Figure("Reliability", chart,
            $"{CalibrationError.Bins} bins; {after} with temperature {ChartAxis.Text(calibration.Temperature)}, "
                + $"{Html.Percent(100 * evaluation.Before.Error)} % without.");
    }

    private static Markup Probabilities(RunEvaluation evaluation)
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
        return Html.Figure(
            "Probabilities", chart, $"Shares of each kind of label in {ProbabilityHistogram.Bins} bins.");
    }

    private static Markup Multiples(RunEvaluation evaluation)
    {
        var classes = evaluation.Report.Classes.Select((c, k) => (Class: c, Curve: evaluation.Curves[k]))
            .Where(one => double.IsFinite(one.Class.AveragePrecision)).ToList();
        var drawn = classes.Count <= MostMultiples
            ? classes
            : [.. classes.OrderBy(one => one.Class.AveragePrecision).Take(MostMultiples)];
        if (drawn.Count == 0)
            return $"";
        var which = drawn.Count < classes.Count
            ? $"the {drawn.Count} with the lowest AP of {classes.Count}; the others are in the table"
            : "every class with known positives and negatives";
        return new Markup().Add($"<h3>Precision and recall by class: {which}</h3><div class=\"multiples\">")
            .Add(Markup.Join(drawn.Select(one => Multiple(one.Class, one.Curve)))).Add($"</div>");
    }

    private static Markup Multiple(ClassMetrics metrics, ThresholdCurve curve)
    {
        var recall = new ChartAxis(0, 1) { MostTicks = 2 };
        var chart = new Chart(metrics.Name, recall, recall, 150, 104).Line(Curve(curve), "t0", steps: true);
        return new Markup().Add($"<figure><figcaption title=\"{metrics.Name}\">{metrics.Name}</figcaption>")
            .Add(chart.ToSvg())
            .Add($"<small>AP {Html.Percent(metrics.AveragePrecision)} of {metrics.Positives}</small></figure>");
    }
}
