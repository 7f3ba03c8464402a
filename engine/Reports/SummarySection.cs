using System.Globalization;

namespace Flixstock.Engine;

/// <summary>The page's beginning: what came out, and of which options.</summary>
internal static class SummarySection
{
    private const string Missing = "–";

    // Lines of the comparison: what is said of a run.
    private static readonly (string Name, Func<RunReport, string> Of)[] Lines =
    [
        ("validation mAP, %", MeanAp),
        ("best epoch", run => run.Best is { } best ? $"{best.Epoch} of {run.Epochs.Count}" : Missing),
        ("weights", Weights),
        ("macro-F1, %", run => Number(run, overall => overall.MacroF1)),
        ("balanced accuracy of classes, %", run => Number(run, overall => overall.BalancedAccuracy)),
        ("calibration error, %", run => Number(run, overall => overall.CalibrationError)),
        ("network", run => run.Facts.Model),
        ("device", run => $"{run.Facts.Device}, {run.Facts.Precision}"),
        ("duration", run => Html.Time(run.Duration)),
        ("training / validation pictures",
            run => $"{run.Facts.TrainingPictures} / {run.Facts.ValidationPictures}"),
        ("engine", run => run.Facts.Engine),
        ("commit", run => run.Facts.Commit.Length > 0 ? run.Facts.Commit : Missing),
    ];

    /// <summary>One run: its numbers large, its options to be opened.</summary>
    public static Markup Of(RunReport run) => new Markup()
        .Add($"<div class=\"tiles\">")
        .Add(Markup.Join(Lines.Select(line =>
            (Markup)$"<div class=\"tile\"><b>{line.Of(run)}</b><span>{line.Name}</span></div>")))
        .Add($"</div>")
        .Add(Attributes(run))
        .Add($"<details><summary>Options</summary>")
        .Add(Html.Table(["option", "value"], run.Facts.Options.Select(option => new[] { option.Name, option.Value })))
        .Add($"</details>");

    /// <summary>Several runs next to each other; options that differ are marked, the others can be opened.</summary>
    public static Markup Of(IReadOnlyList<RunReport> runs)
    {
        var options = runs.Select(run => run.Facts.Options.ToDictionary(StringComparer.Ordinal)).ToList();
        var rows = runs.SelectMany(run => run.Facts.Options.Select(option => option.Name)).Distinct(
            StringComparer.Ordinal).Select(name => (Name: name, Values: options.ConvertAll(
                values => values.GetValueOrDefault(name, Missing)))).ToLookup(row => row.Values.Distinct().Count() > 1);
        return new Markup()
            .Add($"<p>Options that differ are marked.</p>")
            .Add($"<div class=\"scroll\"><table class=\"compare\"><thead><tr><th></th>")
            .Add(Markup.Join(runs.Select((run, i) =>
                (Markup)$"<th scope=\"col\"><a class=\"end t{i}\" href=\"#run{i}\">{run.Name}</a></th>")))
            .Add($"</tr></thead><tbody>")
            .Add(Markup.Join(Lines.Select(line => Row(line.Name, runs.Select(line.Of), differs: false))))
            .Add(Markup.Join(AttributeLines(runs)))
            .Add($"</tbody><tbody>")
            .Add(Markup.Join(rows[true].Select(row => Row(row.Name, row.Values, differs: true))))
            .Add($"</tbody></table></div>")
            .Add($"<details><summary>{rows[false].Count()} options that are the same</summary>")
            .Add(Html.Table(["option", "value"], rows[false].Select(row => new[] { row.Name, row.Values[0] })))
            .Add($"</details>");
    }

    private static Markup Row(string name, IEnumerable<string> values, bool differs) =>
        (differs
            ? (Markup)$"<tr class=\"differs\"><th scope=\"row\">≠ {name}</th>"
            : $"<tr><th scope=\"row\">{name}</th>")
            .With(Markup.Join(values.Select(value => (Markup)$"<td>{value}</td>")))
            .With($"</tr>");

    private static Markup Attributes(RunReport run) => run.Evaluation is not { Report.Attributes: [_, ..] attributes }
        ? $""
        : ((Markup)$"<h3>By attribute, in percent; in brackets: always answering the commonest class</h3>").Add(
            Html.Table(
                ["attribute", "annotated", "accuracy", "balanced accuracy", "macro-F1"],
                attributes.Select(one => new[]
                {
                    one.Name, one.Annotated.ToString(CultureInfo.InvariantCulture),
                    $"{Html.Percent(one.Accuracy)} ({Html.Percent(one.CommonestAccuracy)})",
                    $"{Html.Percent(one.BalancedAccuracy)} ({Html.Percent(one.CommonestBalancedAccuracy)})",
                    $"{Html.Percent(one.MacroF1)} ({Html.Percent(one.CommonestMacroF1)})",
                })));

    private static IEnumerable<Markup> AttributeLines(IReadOnlyList<RunReport> runs)
    {
        var attributes = runs.Select(run => (run.Evaluation?.Report.Attributes ?? []).ToDictionary(
            one => one.Name, StringComparer.Ordinal)).ToList();
        return attributes.SelectMany(own => own.Keys).Distinct(StringComparer.Ordinal).Select(name => Row(
            $"{name}: balanced accuracy / F1, %", attributes.Select(own => own.TryGetValue(name, out var one)
                ? $"{Html.Percent(one.BalancedAccuracy)} / {Html.Percent(one.MacroF1)}"
                : Missing), differs: false));
    }

    private static string MeanAp(RunReport run)
    {
        if (run.Evaluation?.Report.Means is { } means)
        {
            var interval = double.IsFinite(means.Macro.Interval.Low) ? $" ({Html.Range(means.Macro.Interval)})" : "";
            return Html.Percent(means.Macro.Value) + interval;
        }
        return run.Best is { } best
            ? Html.Percent(100 * (best.Better == WeightsKind.Average ? best.AverageMeanAp : best.MeanAp))
            : Missing;
    }

    private static string Weights(RunReport run) => run.Best?.Better switch
    {
        WeightsKind.Average => "averaged",
        WeightsKind.Plain => "plain",
        _ => Missing,
    };

    private static string Number(RunReport run, Func<OverallMetrics, double> number) =>
        run.Evaluation?.Report.Overall is { } overall ? Html.Percent(number(overall)) : Missing;
}
