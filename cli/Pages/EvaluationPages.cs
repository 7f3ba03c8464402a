using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>An evaluation as tables.</summary>
internal static class EvaluationPages
{
    /// <summary>Prints the whole report.</summary>
    /// <param name="terminal">The terminal to print to.</param>
    /// <param name="report">The report.</param>
    /// <param name="attributes">The attributes of the classes.</param>
    /// <param name="referenceMetrics">Also the reference project's own numbers.</param>
    /// <param name="file">The JSON file that has everything.</param>
    public static void Print(
        Terminal terminal, EvaluationReport report, AttributeTable attributes, bool referenceMetrics, string file)
    {
        terminal.Line(
            $"mAP over annotated labels: {Percent(report.MeanAveragePrecision)}   ({report.Pictures} pictures)");
        if (WhyNoMeanAp(report) is { } why)
            terminal.Line($"mAP cannot be computed: {why}");
        terminal.Line($"the reference's mAP (unknown labels counted as negatives): "
            + $"{Percent(report.ReferenceMeanAveragePrecision)}");
        PrintMeans(terminal, report);
        PrintThreshold(terminal, report);
        PrintClasses(terminal, report, attributes, file);
        PrintAttributes(terminal, report);
        if (referenceMetrics)
            PrintReference(terminal, report);
    }

    public static void PrintAttributes(Terminal terminal, EvaluationReport report)
    {
        if (report.Attributes.Count == 0)
            return; // independent classes: every class is a separate answer
        terminal.Table(
            "Each attribute, in percent; in brackets: always answering the commonest class",
            ["attribute", "annotated", "accuracy", "balanced accuracy", "macro-F1"],
            report.Attributes.Select(attribute => new[]
            {
                attribute.Name,
                $"{attribute.Annotated}",
                $"{Percent(attribute.Accuracy)} ({Percent(attribute.CommonestAccuracy)})",
                $"{Percent(attribute.BalancedAccuracy)} ({Percent(attribute.CommonestBalancedAccuracy)})",
                $"{Percent(attribute.MacroF1)} ({Percent(attribute.CommonestMacroF1)})",
            }));
    }

    /// <summary>Two digits, or a dash if there is no number.</summary>
    public static string Percent(double value) => double.IsFinite(value) ? value.ToString("0.00") : "-";

    private static void PrintMeans(Terminal terminal, EvaluationReport report)
    {
        if (report.Means is not { } means || report.Overall is not { } overall)
            return;
        string[] Row(string name, Estimate value) =>
            [name, Percent(value.Value), Range(report, value.Value, value.Interval, value.NoInterval)];
        terminal.Table(
            "Average precision over annotated labels, in percent"
                + (report.Resamples > 0 ? $"; 95 % intervals by {report.Resamples} resamples of the pictures" : ""),
            ["", "AP", "95 %"],
            [
                Row("macro (mAP)", means.Macro),
                Row("weighted by positives (the reference's map_macro)", means.Weighted), Row("micro", means.Micro),
            ]);
        terminal.Line($"calibration error over {CalibrationError.Bins} bins: {Percent(overall.CalibrationError)} of "
            + $"all labels, {Percent(overall.MeanCalibrationError)} as the mean of the classes");
    }

    private static void PrintThreshold(Terminal terminal, EvaluationReport report)
    {
        static string[] Row(string name, PrecisionRecall value, double balanced) =>
            [name, Percent(value.Precision), Percent(value.Recall), Percent(value.F1), Percent(balanced)];
        var single = report.Classes.Select(c => c.Threshold).Distinct().Count() <= 1;
        terminal.Table(
            $"At {(single ? $"threshold {report.AtThreshold.Threshold:0.###}" : "each class' own threshold")}, unknown "
                + $"labels left out, in percent",
            ["", "precision", "recall", "F1", "balanced accuracy"],
            [Row("macro", report.AtThreshold.Macro, report.Overall?.BalancedAccuracy ?? double.NaN), Row(
                "micro", report.AtThreshold.Micro, double.NaN)]);
    }

    private static void PrintClasses(Terminal terminal, EvaluationReport report, AttributeTable attributes, string file)
    {
        terminal.Table(ClassTable(report, attributes, file));
        if (report.Resamples > 0
            && report.Classes.Any(c => c.NoInterval is not null && double.IsFinite(c.AveragePrecision)))
        {
            terminal.Remark($"95 %: fewer than {ClassMetrics.FewestForInterval} known positives or negatives say "
                + $"nothing about an interval");
        }
    }

    private static TablePage ClassTable(EvaluationReport report, AttributeTable attributes, string file) => new(
        "Each class, in percent",
        [
            TableColumn.Name("class"), TableColumn.Number("positive"), TableColumn.Number("negative", drop: 3),
            TableColumn.Number("unknown", drop: 4), TableColumn.Number("AP"), TableColumn.Number("95 %", drop: 1),
            TableColumn.Number("F1", drop: 2), TableColumn.Number("balanced acc.", drop: 5),
            TableColumn.Number("calib. error", drop: 6), TableColumn.Number("threshold", drop: 7),
            TableColumn.Number("AP, unknown as negative", drop: 8),
        ],
        [
            .. report.Classes.Select((c, k) => TableRow.OfClass(
                attributes, k, $"{c.Positives}", $"{c.Negatives}", $"{c.Unknown}", Percent(c.AveragePrecision),
                Range(report, c.AveragePrecision, c.Interval, c.NoInterval), Percent(c.F1),
                Percent(c.BalancedAccuracy), Percent(c.CalibrationError), $"{c.Threshold:0.###}",
                Percent(c.ReferenceAveragePrecision))),
        ])
    {
        Elsewhere = $"all is in {file}",
    };

    private static void PrintReference(Terminal terminal, EvaluationReport report)
    {
        var p = report.Reference.Printed;
        terminal.Line("The reference's own lines (an unknown label counts as wrong when not predicted and as right "
            + "when predicted):");
        terminal.Line($"P_C {p[0]} R_C {p[1]} F_C {p[2]} P_O {p[3]} R_O {p[4]} F_O {p[5]}");
    }

    private static string Range(EvaluationReport report, double value, Interval interval, string? none) =>
        double.IsFinite(interval.Low) ? $"{interval.Low:0.0} to {interval.High:0.0}"
        : none is not null && report.Resamples > 0 && double.IsFinite(value) ? none
        : "-";

    private static string? WhyNoMeanAp(EvaluationReport report) => new KnownLabels(
        report.Pictures, report.Classes.Sum(c => (long)c.Positives), report.Classes.Sum(c => (long)c.Negatives),
        report.Classes.Count(c => c.Support > 0)).WhyNoMeanAp;
}
