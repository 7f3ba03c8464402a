using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>What a model card says of the model and of the pictures that it was measured on.</summary>
/// <param name="Name">The model: a run's name, or its file.</param>
/// <param name="Data">The data set's folder; empty: unknown.</param>
/// <param name="Part">train, val or test: the pictures that it was measured on.</param>
internal sealed record CardSubject(string Name, string Data, string Part)
{
    /// <summary>More lines about the model, as its network and its epoch: name and value.</summary>
    public IReadOnlyList<(string Name, string Value)> Model { get; init; } = [];
}

/// <summary>A table of a model card: the first cell of each row is its heading.</summary>
/// <param name="Headings">A cell for each column.</param>
/// <param name="Rows">The rows.</param>
internal sealed record CardTable(IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>The model card: data, what is unknown, metrics with their intervals, limits.</summary>
internal sealed class ModelCard
{
    private const int MostNamed = 12;

    private readonly CardSubject _subject;
    private readonly RunEvaluation _evaluation;

    /// <summary>The card of a model that was evaluated.</summary>
    public ModelCard(CardSubject subject, RunEvaluation evaluation) => (_subject, _evaluation) = (subject, evaluation);

    /// <summary>Pictures and classes in a sentence.</summary>
    public string Data
    {
        get
        {
            var training = _evaluation.Training is { } labels ? $"{labels.Pictures} training pictures, " : "";
            var report = _evaluation.Report;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{(_subject.Data.Length > 0 ? $"{_subject.Data}: " : "")}{training}{report.Pictures} {PartName} "
                    + $"pictures, {report.ClassNames.Count} classes.");
        }
    }

    /// <summary>Known and unknown labels by attribute and part.</summary>
    public CardTable Labels => new(
        ["labels", "known positive", "known negative", "unknown", "unknown, %"], [.. LabelRows()]);

    /// <summary>The metrics over the classes, in percent.</summary>
    public CardTable Metrics => new(["metric, %", "value", "95 %"], [.. MetricRows()]);

    /// <summary>What the numbers do not say.</summary>
    public IReadOnlyList<string> Limits => [.. LimitLines()];

    private string PartName => _subject.Part switch { "val" => "validation", "train" => "training", var part => part };

    /// <summary>The card as Markdown.</summary>
    /// <param name="pictures">Charts to show: title and file, relative to the card.</param>
    public string ToMarkdown(IReadOnlyList<(string Title, string File)> pictures)
    {
        var text = new StringBuilder($"# {Plain(_subject.Name)}\n\n");
        foreach (var (name, value) in _subject.Model)
            text.Append($"- {name}: {Plain(value)}\n");
        text.Append($"\n## Data\n\n{Plain(Data)}\n\n{Table(Labels)}\n## Metrics on the {PartName} pictures\n\n")
            .Append(Table(Metrics)).Append('\n');
        if (_evaluation.Report.Attributes.Count > 0)
            text.Append(Table(Attributes())).Append('\n');
        text.Append("## Limits\n\n");
        foreach (var limit in Limits)
            text.Append($"- {Plain(limit)}\n");
        text.Append($"\n## Classes\n\n{Table(Classes())}");
        if (pictures.Count > 0)
            text.Append("\n## Charts\n");
        foreach (var (title, file) in pictures)
            text.Append($"\n![{Plain(title)}]({file})\n");
        return text.ToString();
    }

    private IEnumerable<IReadOnlyList<string>> LabelRows()
    {
        var parts = new[] { ("training", _evaluation.Training), (PartName, _evaluation.Validation) };
        foreach (var (part, labels) in parts)
        {
            if (labels is null)
                continue;
            var attributes = _evaluation.Dataset.Attributes;
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

    private IEnumerable<string[]> MetricRows()
    {
        var report = _evaluation.Report;
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

    private CardTable Attributes() => new(
        ["attribute, %", "annotated", "accuracy", "balanced accuracy", "macro-F1"],
        [
            .. _evaluation.Report.Attributes.Select(one => new[]
            {
                one.Name, $"{one.Annotated}", $"{Html.Percent(one.Accuracy)} ({Html.Percent(one.CommonestAccuracy)})",
                $"{Html.Percent(one.BalancedAccuracy)} ({Html.Percent(one.CommonestBalancedAccuracy)})",
                $"{Html.Percent(one.MacroF1)} ({Html.Percent(one.CommonestMacroF1)})",
            }),
            ["in brackets: always the commonest class", "", "", "", ""],
        ]);

    private CardTable Classes() => new(
        ["class", "positive", "negative", "unknown", "AP, %", "95 %", "F1, %", "threshold"],
        [
            .. _evaluation.Report.Classes.Select(c => new[]
            {
                c.Name, $"{c.Positives}", $"{c.Negatives}", $"{c.Unknown}", Html.Percent(c.AveragePrecision),
                Html.Range(c.Interval), Html.Percent(c.F1),
                c.Threshold.ToString("0.###", CultureInfo.InvariantCulture),
            }),
        ]);

    private IEnumerable<string> LimitLines()
    {
        var report = _evaluation.Report;
        if (_subject.Part == "val")
        {
            yield return "The best epoch was chosen by these validation pictures, so its numbers are a little too "
                + "good; believe those of pictures that decided nothing: validate on the test part.";
        }
        if (_subject.Part == "train")
            yield return "The model has learnt from these pictures: the numbers say how well it remembers them.";
        yield return !_evaluation.UsesFittedThresholds
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
        if (_evaluation.Dataset.LeftOut.Count > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{_evaluation.Dataset.LeftOut.Count} pictures cannot be read and are left out.");
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

    private static string Table(CardTable table)
    {
        static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |\n";
        var rule = table.Headings.Select((_, column) => column == 0 ? "---" : "---:");
        return Row(table.Headings) + Row(rule) + string.Concat(table.Rows.Select(row => Row(row.Select(Plain))));
    }

    // A name from a file stays text: neither a tag, nor a link, nor another column.
    private static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in HiddenCharacters.Blanked(text))
            plain.Append(c is '|' or '<' or '>' or '[' or ']' or '*' or '`' or '\\' or '_' or '#' ? $"\\{c}" : $"{c}");
        return plain.ToString();
    }
}
