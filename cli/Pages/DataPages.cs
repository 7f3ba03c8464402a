using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Prints the pages of <c>flixstock data</c>.</summary>
internal static class DataPages
{
    private const int MostRows = 200, MostFaults = 20;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Show(Terminal terminal, DatasetSummary summary, bool json, bool verbose = false)
    {
        if (json)
        {
            terminal.Json(JsonSerializer.Serialize(Json(summary), Indented));
            return;
        }
        foreach (var note in summary.Parts.SelectMany(part => part.Notes).Distinct(StringComparer.Ordinal))
            terminal.Remark($"note: {Terminal.OneLine(note)}");
        foreach (var line in summary.PassedOver.Lines(verbose))
            terminal.Line(Terminal.OneLine(line));
        terminal.Table(
            "Parts", ["part", "pictures", "positive", "negative", "unknown"],
            summary.Parts.Select(part => new[]
            {
                part.Part, $"{part.Pictures}", $"{Share(part, count => count.Positive):P2}",
                $"{Share(part, count => count.Negative):P2}", $"{Share(part, count => count.Unknown):P2}",
            }));
        var shown = LabelChart.Shown(summary.Parts[0].Classes, MostRows);
        terminal.Table(new TablePage(
            "Pictures by class: positive (+), negative (-), unknown (?)",
            [
                TableColumn.Name("class"),
                .. summary.Parts.SelectMany((part, i) => new[]
                {
                    TableColumn.Number($"{part.Part} +", i), TableColumn.Number($"{part.Part} -", 20 + i),
                    TableColumn.Number($"{part.Part} ?", 10 + i),
                }),
            ],
            [
                .. shown.Select(k => TableRow.OfClass(summary.Attributes, k, [
                    .. summary.Parts.SelectMany(part => new[]
                    {
                        $"{part.Classes[k].Positive}", $"{part.Classes[k].Negative}", $"{part.Classes[k].Unknown}",
                    }),
                ])),
            ])
        {
            Elsewhere = "--csv FILE writes all",
        });
        if (shown.Length < summary.Attributes.ClassCount)
        {
            terminal.Line(
                $"the {shown.Length} commonest of {summary.Attributes.ClassCount} classes; --csv FILE writes all");
        }
    }

    public static void Check(Terminal terminal, CheckReport report, bool json)
    {
        if (json)
        {
            var faults = report.Faults.Select(fault => new
            {
                fault.File,
                fault.Part,
                Fault = fault.KindName,
                Severity = Severity(fault),
                fault.Detail,
                fault.Remedy,
            });
            terminal.Json(JsonSerializer.Serialize(
                new { Type = DatasetSource.NameOf(report.Type), report.Pictures, report.Errors, faults }, Indented));
            return;
        }
        var kinds = report.Faults.GroupBy(fault => fault.Kind).ToList();
        if (kinds.Count > 0)
        {
            terminal.Table(
                "Faults", ["fault", "severity", "found"],
                kinds.Select(kind => new[] { kind.First().KindName, Severity(kind.First()), $"{kind.Count()}" }),
                rightFrom: 2);
        }
        foreach (var kind in kinds)
        {
            foreach (var fault in kind.Take(MostFaults))
            {
                terminal.Line(Terminal.OneLine($"{Severity(fault)}: {(fault.Part.Length > 0 ? fault.Part + "/" : "")}"
                    + $"{fault.File}: {fault.KindName}: {fault.Detail}; {fault.Remedy}"));
            }
            if (kind.Count() > MostFaults)
                terminal.Line($"... and {kind.Count() - MostFaults} more; --csv FILE writes all");
        }
        terminal.Line(
            $"{report.Pictures} pictures, {report.Errors} errors, {report.Faults.Count - report.Errors} warnings");
    }

    /// <summary>Writes a file if one is asked for, and says so.</summary>
    public static void Write(Terminal terminal, string? path, Action<string> write, bool quiet)
    {
        if (path is null)
            return;
        write(path);
        if (!quiet)
            terminal.Line($"written: {path}");
    }

    private static string Severity(DatasetFault fault) => fault.IsError ? "error" : "warning";

    private static double Share(PartSummary part, Func<ClassCount, int> count) =>
        part.Classes.Sum(entry => (double)count(entry)) / ((double)part.Pictures * part.Classes.Count);

    private static object Json(DatasetSummary summary) => new
    {
        type = DatasetSource.NameOf(summary.Type),
        parts = summary.Parts.Select(part => new { part.Part, part.Pictures, part.Notes }),
        passedOver = summary.PassedOver.Groups.Select(
            group => new { reason = group.Reason.ToString(), group.Ending, group.Count, group.Examples }),
        classes = summary.Attributes.ClassNames.Select((name, k) => new
        {
            name,
            parts = summary.Parts.ToDictionary(
                part => part.Part,
                part => new { part.Classes[k].Positive, part.Classes[k].Negative, part.Classes[k].Unknown }),
        }),
    };
}
