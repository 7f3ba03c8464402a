using System.CommandLine;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock profile</c>: where a step's time goes.</summary>
internal static class ProfileCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private const string Manual = """
        Times every operation of one training step (or, with --infer, of one forward pass) of a network with random
        weights on noise: calls, time, bytes that must move at least, multiplications and additions, and the share of
        what the device reaches in the same run: a copy for bytes, a large matrix product for arithmetic. Each call is
        waited for, so the parts add up to more than the step, which is timed by itself.
        """;

    public static Command Create(Session session)
    {
        var model = Options.Path("--model-name", $"Network: {string.Join(", ", TResNetOptions.VariantNames)}.", help: "name");
        model.DefaultValueFactory = _ => "tresnet_m";
        var batch = Options.Integer("--batch-size", 8, "Pictures of a step.", 1, 65536);
        var size = Options.Integer("--image-size", 224, "Height and width in pixels.", 1, 4096);
        var train = Options.Flag("--train", "A training step; this is what happens without --infer too.");
        var infer = Options.Flag("--infer", "A forward pass with norms folded into convolutions.");
        var kernel = Options.OptionalPath("--kernel", "Only operations whose name contains this.", "name");
        var json = Options.Flag("--json", "Print JSON instead of a table.");
        var device = new DeviceOptions(training: true);
        var command = new DocumentedCommand(
            "profile", "Show where a step's time goes.", Manual,
            "flixstock profile --batch-size 4",
            "flixstock profile --device cuda --batch-size 256 --precision bf16 --kernel Abn")
        {
            model, batch, size, train, infer, kernel, json,
        };
        device.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(train) && parsed.GetValue(infer))
                throw new InputException("--train and --infer: give one of the two");
            var options = TResNetOptions.Variant(parsed.GetValue(model)!, classes: AttributeTable.Garments.ClassCount);
            var backend = session.Open(device.Read(parsed));
            var report = StepProfile.Measure(backend, options, parsed.GetValue(batch), parsed.GetValue(size), training: !parsed.GetValue(infer));
            if (parsed.GetValue(kernel) is { } name)
                report = report with { Operations = [.. report.Operations.Where(time => time.Name.Contains(name, StringComparison.OrdinalIgnoreCase))] };
            if (parsed.GetValue(json))
                session.Terminal.Line(JsonSerializer.Serialize(report, Indented));
            else
                Print(session.Terminal, backend, report);
            return CommandLine.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, Backend backend, StepProfileReport report)
    {
        var total = report.Operations.Sum(time => time.Milliseconds);
        terminal.Table(
            $"One step on {backend.Device.Name}, {backend.Precision.Option()}",
            ["operation", "calls", "ms", "share", "MB", "GB/s", "of copy", "GFLOP/s", "of product"],
            report.Operations.Select(time => new[]
            {
                time.Name, $"{time.Calls}", $"{time.Milliseconds:0.00}", $"{time.Milliseconds / total:P0}", $"{time.Bytes / 1e6:0.0}", $"{time.GigabytesPerSecond:0.0}",
                $"{time.GigabytesPerSecond / report.CopyGigabytesPerSecond:P0}", time.Operations > 0 ? $"{time.GigaflopsPerSecond:0.0}" : "",
                time.Operations > 0 ? $"{time.GigaflopsPerSecond / report.PeakGigaflopsPerSecond:P0}" : "",
            }));
        terminal.Line($"the whole step: {report.StepMilliseconds:0.0} ms; a copy reaches {report.CopyGigabytesPerSecond:0.0} GB/s, a matrix product {report.PeakGigaflopsPerSecond:0.0} GFLOP/s");
        if (backend.Device is CudaDevice cuda)
            terminal.Line($"peak memory: {cuda.PeakBytes >> 20} MiB");
        else if (report.ArenaBytes > 0)
            terminal.Line($"activations: {report.ArenaBytes >> 20} MiB");
    }
}
