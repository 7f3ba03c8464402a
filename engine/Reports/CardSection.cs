using System.Globalization;

namespace Flixstock.Engine;

/// <summary>The model card: data, what is unknown, metrics with their intervals, limits.</summary>
internal static class CardSection
{
    private const int MostNamed = 12;

    /// <summary>The card of a run whose weights were evaluated.</summary>
    public static Markup Of(RunReport run, RunEvaluation evaluation) => new Markup()
        .Add($"<h4>Data</h4><p>{run.Facts.DataFolder}: {run.Facts.TrainingPictures} training pictures, ")
        .Add($"{evaluation.Report.Pictures} validation pictures, {evaluation.Report.ClassNames.Count} classes.</p>")
        .Add(Html.Table(
            ["labels", "known positive", "known negative", "unknown", "unknown, %"], Labels(evaluation)))
        .Add($"<h4>Metrics on the validation pictures, in percent</h4>")
        .Add(Html.Table(["metric", "value", "95 %"], Metrics(evaluation.Report)))
        .Add($"<h4>Limits</h4><ul>")
        .Add(Markup.Join(Limits(evaluation).Select(limit => (Markup)$"<li>{limit}</li>")))
        .Add($"</ul>");

    private static IEnumerable<string[]> Labels(RunEvaluation evaluation)
    {
        var parts = new[] { ("training", evaluation.Training), ("validation", evaluation.Validation) };
        foreach (var (part, labels) in parts)
        {
            if (labels is null)
                continue;
            var attributes = evaluation.Dataset.Attributes;
            for (var group = 0; group < attributes.Groups.Count; group++)
            {
                var (there, absent, unknown) = labels.OfGroup(attributes, group);
                yield return
                [
                    $"{attributes.Groups[group].Name}, {part}", $"{there}", $"{absent}", $"{unknown}",
                    Html.Percent(100.0 * unknown / (there + absent + unknown)),
                ];
            }
        }
    }

    private static IEnumerable<string[]> Metrics(EvaluationReport report)
    {
        var (means, overall, at) = (report.Means!, report.Overall!, report.AtThreshold);
        static string[] Row(string name, Estimate mean) =>
            [name, Html.Percent(mean.Value), Html.Range(mean.Interval)];
        return
        [
            Row("mAP (mean of the classes)", means.Macro), Row("mAP weighted by positives", means.Weighted),
            Row("AP of all labels (micro)", means.Micro),
            ["F1, mean of the classes", Html.Percent(overall.MacroF1), "–"],
            ["F1 of all labels", Html.Percent(at.Micro.F1), "–"],
            ["balanced accuracy, mean of the classes", Html.Percent(overall.BalancedAccuracy), "–"],
            ["calibration error of all labels", Html.Percent(overall.CalibrationError), "–"],
        ];
    }

    private static IEnumerable<string> Limits(RunEvaluation evaluation)
    {
        var report = evaluation.Report;
        yield return "The best epoch was chosen by these validation pictures, so its numbers are a little too good; "
            + "believe those of pictures that decided nothing: validate on the test part.";
        yield return evaluation.Calibration is null
            ? "No thresholds were fitted: every class has "
                + $"{ChartAxis.Text(Math.Round(report.AtThreshold.Threshold, 3))}."
            : "Thresholds and temperature were fitted on annotated pictures, probably these.";
        if (Named(report.Classes.Where(c => c.Positives == 0)) is { } never)
            yield return $"Never known to be present here, so that nothing is known about them: {never}.";
        if (Named(report.Classes.Where(c => c.Positives > 0 && c.NoInterval is not null)) is { } few)
        {
            yield return $"Fewer than {ClassMetrics.FewestForInterval} known labels of a kind, so that their AP says "
                + $"little: {few}.";
        }
        foreach (var one in report.Attributes.Where(one => one.BalancedAccuracy <= one.CommonestBalancedAccuracy))
            yield return $"{one.Name}: no better than always answering the commonest class.";
        if (evaluation.Dataset.LeftOut.Count > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{evaluation.Dataset.LeftOut.Count} pictures cannot be read and are left out.");
        }
    }

    private static string? Named(IEnumerable<ClassMetrics> classes)
    {
        var names = classes.Select(c => c.Name).ToList();
        if (names.Count == 0)
            return null;
        var more = names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "";
        return string.Join(", ", names.Take(MostNamed)) + more;
    }
}
