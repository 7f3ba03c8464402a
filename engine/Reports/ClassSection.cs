using System.Globalization;

namespace Flixstock.Engine;

/// <summary>Tables of classes, to be sorted and searched.</summary>
internal static class ClassSection
{
    private static readonly HtmlColumn[] Columns =
    [
        new("class"), new("attribute"), new("positive", true), new("negative", true), new("unknown", true),
        new("positive, training", true), new("AP, %", true), new("95 %", true), new("precision, %", true),
        new("recall, %", true), new("F1, %", true), new("balanced acc., %", true), new("calib. error, %", true),
        new("threshold", true),
    ];

    /// <summary>Every class of one run.</summary>
    /// <param name="id">The run's name in anchors.</param>
    /// <param name="evaluation">The run's evaluation.</param>
    public static Markup Of(string id, RunEvaluation evaluation)
    {
        var attributes = evaluation.Dataset.Attributes;
        var groups = Enumerable.Range(0, attributes.Groups.Count)
            .SelectMany(group => Enumerable.Repeat(attributes.Groups[group].Name, attributes.Groups[group].Classes))
            .ToList();
        return Html.SortableTable(
            $"{id}-classes-table", Columns,
            evaluation.Report.Classes.Select((c, k) => Row(evaluation, c, k, groups[k])));
    }

    /// <summary>AP of every class, a column for each run.</summary>
    public static Markup Compare(IReadOnlyList<RunReport> runs)
    {
        var own = runs.Select(run => (run.Evaluation?.Report.Classes ?? []).ToDictionary(
            c => c.Name, StringComparer.Ordinal)).ToList();
        var names = own.SelectMany(classes => classes.Keys).Distinct(StringComparer.Ordinal);
        return Html.SortableTable(
            "compare-classes",
            [new("class"), .. runs.Select(run => new HtmlColumn($"AP, % of {run.Name}", true)), new("range", true)],
            names.Select(name => Row(name, [.. own.Select(
                classes => classes.TryGetValue(name, out var c) ? c.AveragePrecision : double.NaN)])));
    }

    private static IReadOnlyList<HtmlCell> Row(string name, IReadOnlyList<double> values)
    {
        var known = values.Where(double.IsFinite).ToList();
        return
        [
            new(name), .. values.Select(HtmlCell.Percent),
            HtmlCell.Percent(known.Count > 1 ? known.Max() - known.Min() : double.NaN),
        ];
    }

    private static IReadOnlyList<HtmlCell> Row(RunEvaluation evaluation, ClassMetrics c, int k, string attribute)
    {
        var counts = evaluation.Report.AtThreshold.Counts[k];
        var at = c.Positives == 0
            ? PrecisionRecall.None
            : PrecisionRecall.Of(counts.TruePositives, counts.FalsePositives, counts.FalseNegatives);
        return
        [
            new(c.Name), new(attribute), HtmlCell.Of(c.Positives), HtmlCell.Of(c.Negatives), HtmlCell.Of(c.Unknown),
            evaluation.Training is { } training ? HtmlCell.Of(training.Positives[k]) : new("–"),
            HtmlCell.Percent(c.AveragePrecision), IntervalOf(evaluation.Report, c), HtmlCell.Percent(at.Precision),
            HtmlCell.Percent(at.Recall), HtmlCell.Percent(at.F1), HtmlCell.Percent(c.BalancedAccuracy),
            HtmlCell.Percent(c.CalibrationError),
            new(c.Threshold.ToString("0.###", CultureInfo.InvariantCulture), c.Threshold),
        ];
    }

    // Sorted by its width: how little is known.
    private static HtmlCell IntervalOf(EvaluationReport report, ClassMetrics c) => double.IsFinite(c.Interval.Low)
        ? new(Html.Range(c.Interval), c.Interval.High - c.Interval.Low)
        : new(report.Resamples > 0 && double.IsFinite(c.AveragePrecision) ? c.NoInterval ?? "–" : "–");
}
