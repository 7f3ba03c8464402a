using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>What the laboratory prints.</summary>
internal static class LabPages
{
    /// <summary>Kernels, their file and cases.</summary>
    public static void List(TextWriter output, KernelSources sources, string? part)
    {
        var rows = KernelList.Find(sources).Where(
            entry => part is null || entry.Kernel.Contains(part, StringComparison.OrdinalIgnoreCase)
                || entry.File.Contains(part, StringComparison.OrdinalIgnoreCase));
        Table(
            output, ["file", "kernel", "cases"],
            rows.Select(entry => new[] { entry.File, entry.Kernel, string.Join("; ", entry.Cases) }));
    }

    /// <summary>What a file's entries take on an architecture.</summary>
    public static void Compile(TextWriter output, KernelSources sources, string file, string architecture, string? ptx)
    {
        var compiled = KernelCompiler.Open()
            .Compile(sources.Source(file), file + ".cu", architecture, sources.Headers, "--ptxas-options=-v");
        Table(output, [$"entry, {architecture}", "registers", "shared bytes", "spilled bytes"],
            Resources.Parse(compiled.Log).Select(
                entry => new[] { entry.Entry, $"{entry.Registers}", $"{entry.SharedBytes}", $"{entry.SpilledBytes}" }));
        if (ptx is not null)
            File.WriteAllText(ptx, compiled.Ptx);
    }

    /// <summary>One run.</summary>
    public static void Run(TextWriter output, LabRun run)
    {
        Table(
            output, ["case", "types", "worst, of tolerance", ""],
            run.Comparisons.GroupBy(result => result.Case).Select(group => new[]
            {
                group.Key, string.Join(' ', group.Select(result => result.Type).Distinct()),
                $"{group.Max(result => result.Worst):0.000}",
                group.All(result => result.Difference is null) ? "agrees" : "differs",
            }));
        if (run.Rows.Count > 0)
        {
            output.WriteLine();
            Table(
                output, ["kernel", .. run.Rows[0].Columns.Keys],
                run.Rows.Select(row => (string[])[row.Kernel, .. row.Columns.Values]));
        }
        Faults(output, run, "");
    }

    /// <summary>The parts of a step's calculated cost.</summary>
    public static void Model(TextWriter output, IReadOnlyList<ModelPart> parts, int batch)
    {
        Table(
            output, ["part", "launches", "GB", "TFLOP", "ms"],
            parts.Select(part => new[]
            {
                part.Name, $"{part.Launches}", $"{part.Gigabytes:0.00}", $"{part.Teraflop:0.00}",
                $"{part.Milliseconds:0.0}",
            }));
        output.WriteLine($"{batch / parts[^1].Milliseconds * 1e3:0} pictures/s");
    }

    /// <summary>The calls of a step with what each queues.</summary>
    public static void ModelCalls(TextWriter output, IReadOnlyList<ModelledCall> calls) => Table(
        output, ["layer", "operation", "MB", "us", "launches"],
        calls.Select(call => new[]
        {
            call.Call.Layer, call.Call.Name, $"{call.Bytes / 1e6:0.0}",
            $"{StepModelParts.Milliseconds(call) * 1e3:0}", string.Join(' ', call.Launches.Select(KernelList.Plain)),
        }));

    /// <summary>Two runs of the same cases: each number of the first beside the second's.</summary>
    public static void Compare(TextWriter output, LabRun embedded, LabRun edited)
    {
        var keys = embedded.Rows.Concat(edited.Rows).Select(row => row.Kernel).Distinct().ToList();
        var columns = embedded.Rows.Concat(edited.Rows).SelectMany(row => row.Columns.Keys).Distinct().ToList();
        Table(output, ["kernel", "", "embedded", "folder"], keys.SelectMany(kernel => columns.Select(column =>
        {
            string Of(LabRun run) =>
                run.Rows.FirstOrDefault(row => row.Kernel == kernel)?.Columns.GetValueOrDefault(column) ?? "-";
            return new[] { column == columns[0] ? kernel : "", column, Of(embedded), Of(edited) };
        })));
        Faults(output, embedded, "embedded: ");
        Faults(output, edited, "folder: ");
        output.WriteLine(
            $"embedded {(embedded.IsGood ? "agrees" : "differs")}, folder {(edited.IsGood ? "agrees" : "differs")}");
    }

    private static void Faults(TextWriter output, LabRun run, string where)
    {
        if (run.Fault is { } fault)
            output.WriteLine($"{where}{fault}");
        foreach (var result in run.Comparisons.Where(result => result.Difference is not null))
            output.WriteLine($"{where}{result.Difference}");
    }

    private static void Table(TextWriter output, string[] header, IEnumerable<string[]> rows)
    {
        string[][] all = [header, .. rows];
        var widths = header.Select((_, i) => all.Max(row => row[i].Length)).ToArray();
        foreach (var row in all)
            output.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }
}
