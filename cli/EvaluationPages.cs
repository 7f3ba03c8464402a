using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>An evaluation as tables.</summary>
internal static class EvaluationPages
{
    public static void Print(Terminal terminal, EvaluationReport report, bool referenceMetrics)
    {
        terminal.Line($"mAP over annotated labels: {Percent(report.MeanAveragePrecision)}   ({report.Pictures} pictures)");
        terminal.Line($"the reference's mAP (unknown labels counted as negatives): {Percent(report.ReferenceMeanAveragePrecision)}");
        PrintThreshold(terminal, report);
        PrintClasses(terminal, report);
        PrintAttributes(terminal, report);
        if (referenceMetrics)
            PrintReference(terminal, report);
    }

    public static void PrintAttributes(Terminal terminal, EvaluationReport report) => terminal.Table(
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

    private static void PrintThreshold(Terminal terminal, EvaluationReport report)
    {
        static string[] Row(string name, PrecisionRecall value) => [name, Percent(value.Precision), Percent(value.Recall), Percent(value.F1)];
        terminal.Table(
            $"At threshold {report.AtThreshold.Threshold:0.###}, unknown labels left out, in percent",
            ["", "precision", "recall", "F1"],
            [Row("macro", report.AtThreshold.Macro), Row("micro", report.AtThreshold.Micro)]);
    }

    private static void PrintClasses(Terminal terminal, EvaluationReport report) => terminal.Table(
        "Average precision of each class, in percent",
        ["class", "annotated", "there", "AP", "AP, unknown as negative"],
        report.ClassNames.Select((name, k) =>
        {
            var counts = report.AtThreshold.Counts[k];
            var there = counts.TruePositives + counts.FalseNegatives;
            return new[]
            {
                name, $"{there + counts.FalsePositives + counts.TrueNegatives}", $"{there}",
                report.Annotated.Ap[k] < 0 ? "-" : Percent(100 * report.Annotated.Ap[k]), Percent(100 * report.ReferenceAp[k]),
            };
        }));

    private static void PrintReference(Terminal terminal, EvaluationReport report)
    {
        var p = report.Reference.Printed;
        terminal.Line("The reference's own lines (an unknown label counts as wrong when not predicted and as right when predicted):");
        terminal.Line($"P_C {p[0]} R_C {p[1]} F_C {p[2]} P_O {p[3]} R_O {p[4]} F_O {p[5]}");
    }

    private static string Percent(double value) => double.IsNaN(value) ? "-" : value.ToString("0.00");
}
