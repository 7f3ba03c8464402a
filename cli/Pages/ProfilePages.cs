using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>How a step's time was spent, as tables.</summary>
internal static class ProfilePages
{
    private const int MostLayers = 40;
    private const string Elsewhere = "--json prints all";

    /// <summary>Operations or layers of the step with the median time; the rows add up to it.</summary>
    /// <param name="terminal">The terminal to print to.</param>
    /// <param name="backend">The backend that was measured.</param>
    /// <param name="report">The measurements.</param>
    /// <param name="wanted">The operations to show.</param>
    /// <param name="byLayer">True to show layers instead.</param>
    public static void Print(
        Terminal terminal, Backend backend, StepProfileReport report, IReadOnlyList<OperationTime> wanted, bool byLayer)
    {
        var title = $"One step on {backend.Device.Name}, {backend.Precision.Name()}";
        terminal.Table(byLayer ? Layers(title, report, wanted) : Operations(title, report, wanted));
        terminal.Line($"the whole step: {Milliseconds(report.Step)} ({report.Repeats} "
            + $"{(report.Repeats == 1 ? "step" : "steps")} after {report.Warmup} to warm up)");
        if (report.Unmarked is { } unmarked)
            terminal.Line($"without marks around its parts: {Milliseconds(unmarked)}");
        if (report.Captured is { } captured)
            terminal.Line($"captured and replayed: {Milliseconds(captured)}");
        terminal.Line($"a copy reaches {report.Peaks.CopyGigabytesPerSecond:0.0} GB/s, {report.Peaks.Arithmetic} "
            + $"{report.Peaks.ArithmeticGigaflopsPerSecond / 1e3:0.000} TFLOP/s");
        if (report.PeakBytes is { } peak)
            terminal.Line($"peak memory: {peak >> 20} MiB");
        else if (report.ArenaBytes > 0)
            terminal.Line($"activations: {report.ArenaBytes >> 20} MiB");
        if (report.Load is { } load)
            terminal.Line(Describe(load));
    }

    private static TablePage Operations(string title, StepProfileReport report, IReadOnlyList<OperationTime> wanted)
    {
        var shapes = wanted.Any(time => time.Shapes.Length > 0);
        TableColumn[] columns =
        [
            TableColumn.Name("operation"), .. shapes ? [TableColumn.Text("shapes")] : Array.Empty<TableColumn>(),
            TableColumn.Number("calls", 3), TableColumn.Number("ms"), TableColumn.Number("share"),
            TableColumn.Number("spread", 2), TableColumn.Number("MB", 9), TableColumn.Number("GB/s", 7),
            TableColumn.Number("of copy", 5), TableColumn.Number("GFLOP", 8), TableColumn.Number("TFLOP/s", 6),
            TableColumn.Number("of peak", 4), new TableColumn("layers", CellKind.Name, 1),
        ];
        var rows = wanted.Select(time => new TableRow(
        [
            time.Name, .. shapes ? [time.Shapes] : Array.Empty<string>(), $"{time.Calls}", $"{time.Milliseconds:0.000}",
            Share(time.Milliseconds, report),
            time.Spread is { } spread && report.Repeats > 1 ? $"±{spread.Relative:P0}" : "", $"{time.Bytes / 1e6:0.0}",
            $"{time.GigabytesPerSecond:0.0}", $"{time.GigabytesPerSecond / report.Peaks.CopyGigabytesPerSecond:P0}",
            time.Operations > 0 ? $"{time.Operations / 1e9:0.00}" : "",
            time.Operations > 0 ? $"{time.GigaflopsPerSecond / 1e3:0.000}" : "",
            time.Operations > 0 ? $"{time.GigaflopsPerSecond / report.Peaks.ArithmeticGigaflopsPerSecond:P0}" : "",
            Layers(time),
        ]));
        var before = shapes ? new[] { "", "" } : [""]; // shapes and calls
        TableRow Sum(string name, double milliseconds, string spread = "") =>
            new([name, .. before, $"{milliseconds:0.000}", Share(milliseconds, report), spread, .. Enumerable.Repeat(
                "", columns.Length - 4 - before.Length)]);
        return new TablePage(
            title, columns,
            [.. rows, .. Rest(report, wanted).Select(rest => Sum(rest.Name, rest.Milliseconds)), Sum(
                "the whole step", report.StepMilliseconds, Spread(report))])
        {
            Elsewhere = Elsewhere,
        };
    }

    private static TablePage Layers(string title, StepProfileReport report, IReadOnlyList<OperationTime> wanted)
    {
        var layers = wanted.SelectMany(time => time.Layers).GroupBy(Name).Select(group => (
            Name: group.Key, Calls: group.Sum(layer => layer.Calls),
            Milliseconds: group.Sum(layer => layer.Milliseconds),
            Backward: group.Where(layer => layer.Phase == StepPhase.Backward).Sum(layer => layer.Milliseconds)))
            .OrderByDescending(layer => layer.Milliseconds).ToList();
        var hasBackward = layers.Any(layer => layer.Backward > 0);
        TableRow Row(string name, string calls, double milliseconds, string backward) =>
            new([name, calls, $"{milliseconds:0.000}", Share(milliseconds, report), .. hasBackward
                ? [backward]
                : Array.Empty<string>()]);
        var more = layers.Skip(MostLayers).ToList();
        return new TablePage(
            title,
            [
                TableColumn.Name("layer"), TableColumn.Number("calls", 2), TableColumn.Number("ms"),
                TableColumn.Number("share"),
                .. hasBackward ? [TableColumn.Number("of it backward", 1)] : Array.Empty<TableColumn>(),
            ],
            [
                .. layers.Take(MostLayers)
                    .Select(layer => Row(layer.Name, $"{layer.Calls}", layer.Milliseconds, $"{layer.Backward:0.000}")),
                .. more.Count > 0
                    ? [Row(
                        $"{more.Count} more layers", $"{more.Sum(layer => layer.Calls)}",
                        more.Sum(layer => layer.Milliseconds), $"{more.Sum(layer => layer.Backward):0.000}")]
                    : Array.Empty<TableRow>(),
                .. Rest(report, wanted).Select(rest => Row(rest.Name, "", rest.Milliseconds, "")),
                Row("the whole step", "", report.StepMilliseconds, ""),
            ])
        {
            Elsewhere = Elsewhere,
        };
    }

    // What makes the sum whole.
    private static IEnumerable<(string Name, double Milliseconds)> Rest(
        StepProfileReport report, IReadOnlyList<OperationTime> wanted)
    {
        var others = report.Operations.Sum(time => time.Milliseconds) - wanted.Sum(time => time.Milliseconds);
        if (wanted.Count < report.Operations.Count)
            yield return ("other operations", others);
        yield return ("between operations", report.OtherMilliseconds);
    }

    private static string Layers(OperationTime time)
    {
        var names = time.Layers.Select(Name).Distinct().ToList();
        return names.Count switch { 0 => "", 1 => names[0], _ => $"{names[0]} +{names.Count - 1}" };
    }

    // What is in no layer belongs to its phase.
    private static string Name(LayerTime layer) => layer.Layer.Length > 0 ? layer.Layer : layer.Phase;

    private static string Share(double milliseconds, StepProfileReport report) =>
        $"{milliseconds / report.StepMilliseconds:P0}";

    private static string Spread(StepProfileReport report) => report.Repeats > 1 ? $"±{report.Step.Relative:P0}" : "";

    private static string Milliseconds(TimeSpread time) => time.Least == time.Most
        ? $"{time.Median:0.000} ms"
        : $"{time.Median:0.000} ms, the median; {time.Least:0.000} to {time.Most:0.000} ms";

    private static string Describe(DeviceLoad load) =>
        $"NVML: {(load.TotalBytes - load.FreeBytes) >> 20} of {load.TotalBytes >> 20} MiB in use"
        + (load.Watts is { } watts ? $", {watts:0} W{(load.LimitWatts is { } limit ? $" of {limit:0}" : "")}" : "")
        + (load.UtilizationPercent is { } percent ? $", busy {percent} % of the time" : "");
}
