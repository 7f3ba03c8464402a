using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Prints the pages of <c>flixstock weights</c>.</summary>
internal static class WeightsPages
{
    private const int LongestText = 200, NamesShown = 5, EntriesShown = 20;

    public static int Show(Terminal terminal, WeightsFile file)
    {
        terminal.Table(new TablePage(
            $"{file.Path} ({file.Format})",
            [
                TableColumn.Name("tensor"), TableColumn.Word("type", drop: 1), TableColumn.Word("shape"),
                TableColumn.Number("bytes", drop: 2),
            ],
            [.. file.State.Select(tensor => new TableRow(
                tensor.Name, tensor.Type.ToString().ToLowerInvariant(), tensor.ShapeText,
                Number(tensor.Data.Length)))]));
        var values = file.State.Sum(tensor => tensor.Count);
        terminal.Line($"{file.State.Count} tensors, {Number(values)} values, "
            + $"{Size(file.State.Sum(tensor => (long)tensor.Data.Length))}");
        if (file.Classes is { } classes)
            terminal.Line($"number of classes: {classes}");
        if (file.ClassNames is { Count: > 0 } names)
        {
            terminal.Line($"names of classes: "
                + $"{string.Join(", ", names.Take(NamesShown).Select(name => $"{name.Key} {name.Value}"))}"
                + $"{(names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : "")}");
        }
        foreach (var (key, value) in file.State.Metadata)
            terminal.Line($"{key}: {Readable(value)}");
        ShowEntries(terminal, file);
        foreach (var note in file.Notes)
            terminal.Remark($"note: {note}");
        return CommandLine.Done;
    }

    // The sets of weights, if there is more than one or the only one lies deeper inside.
    private static void ShowEntries(Terminal terminal, WeightsFile file)
    {
        if (file.Entries.Count > 1 || file.Entries[0].Name != ".")
        {
            var word = file.IsDecided ? "taken" : "shown";
            terminal.Table("Sets of weights (FILE:NAME gives one to any command)", ["name", "", "tensors"],
                file.Entries.Take(EntriesShown).Select(entry => new[]
            {
                entry.Name, string.Join(", ", ((string[])[entry.Taken ? word : "", entry.Averaged ? "averaged" : ""])
                    .Where(word => word.Length > 0)),
                entry.Tensors > 0 && entry.Tensors < entry.InDictionary ? $"{entry.Tensors} of {entry.InDictionary}"
                    : Number(entry.InDictionary),
            }), rightFrom: 2);
            if (file.Entries.Count > EntriesShown)
                terminal.Line($"and {file.Entries.Count - EntriesShown} more");
        }
        foreach (var remark in file.Remarks)
            terminal.Remark($"note: {remark}");
    }

    public static int Diff(Terminal terminal, WeightsFile first, WeightsFile second, CancellationToken cancellation)
    {
        var rows = first.State.Select(tensor => Row(tensor, second.State.Find(tensor.Name))).Concat(second.State
            .Where(tensor => first.State.Find(tensor.Name) is null).Select(tensor => Row(null, tensor))).Select(
                row => cancellation.IsCancellationRequested ? throw new OperationCanceledException(cancellation) : row)
            .OfType<string[]>().ToList();
        if (rows.Count > 0)
            terminal.Table($"{first.Path} and {second.Path}", ["tensor", "difference", "largest"], rows, rightFrom: 2);
        var common = first.State.Count(tensor => second.State.Find(tensor.Name) is not null);
        var different = rows.Count(row => row[1] != "only in a" && row[1] != "only in b");
        terminal.Line(rows.Count == 0
            ? $"{first.State.Count} tensors, all equal"
            : $"{rows.Count} tensors differ, {common - different} are equal");
        return CommandLine.Done;
    }

    public static string Size(long bytes) => bytes < 1_000_000
        ? $"{Number(bytes)} bytes"
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    // Metadata is often JSON, with line breaks and indentation or without any space.
    private static string Readable(string value)
    {
        var words = string.Join(' ', Terminal.OneLine(value).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Replace(",\"", ", \"", StringComparison.Ordinal);
        return words.Length > LongestText ? words[..LongestText] + " ..." : words;
    }

    private static string[]? Row(StateTensor? a, StateTensor? b)
    {
        if (a is null || b is null)
            return [(a ?? b)!.Name, a is null ? "only in b" : "only in a", ""];
        if (!a.Shape.SequenceEqual(b.Shape))
            return [a.Name, $"shape {a.ShapeText} and {b.ShapeText}", ""];
        var largest = a.Data.Span.SequenceEqual(b.Data.Span) && a.Type == b.Type ? 0 : Largest(a, b);
        if (a.Type != b.Type)
            return [a.Name, $"type {a.Type} and {b.Type}".ToLowerInvariant(), Text(largest)];
        return largest == 0 ? null : [a.Name, "values", Text(largest)];
    }

    private static double Largest(StateTensor a, StateTensor b)
    {
        var (x, y) = (a.ToFloats(), b.ToFloats());
        double largest = 0;
        for (var i = 0; i < x.Length; i++)
        {
            var difference = Math.Abs((double)x[i] - y[i]);
            if (double.IsNaN(difference) && !(float.IsNaN(x[i]) && float.IsNaN(y[i])))
                return double.NaN;
            largest = Math.Max(largest, double.IsNaN(difference) ? 0 : difference);
        }
        return largest;
    }

    private static string Text(double value) => value.ToString("0.##e+0", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString("n0", CultureInfo.InvariantCulture);
}
