using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock profile</c>: where a step's time goes, or whether its kernels compute what they should.</summary>
internal static class ProfileCommand
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        // A difference to something that is not a number is infinite.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private const string Manual = """
        Times every operation of one training step (or, with --infer, of one forward pass) of a network with random
        weights on noise: calls, time, bytes that must move at least, multiplications and additions, and the share of
        what the device reaches in the same run: a copy for bytes, a large matrix product for arithmetic. Times are
        CUDA events on a GPU, read when the step is done, and the host's clock on the processor. --kernel shows single
        operations, by shape. On a GPU, layers and phases are named for Nsight (NVTX) where that is installed.

        --check does every call a second time, on the processor for a GPU and by the reference kernels for the processor,
        and compares every destination: the first element that differs is shown with its operation. Exit code 1 if one does.

        --kernels FOLDER, or FLIXSTOCK_KERNELS, takes the CUDA sources from a folder: an edited kernel is timed, or
        checked, inside a real step.
        """;

    public static Command Create(Session session)
    {
        var model = Options.Network();
        model.Aliases.Add("--model");
        var layers = Options.FourIntegers("--layers", "Residual blocks of the four stages, for a network of one's own.");
        var width = Options.OptionalNumber("--width", "Factor on the channels; without it the variant's.", 0.02, 64);
        var batch = Options.Integer("--batch-size", 8, "Pictures of a step.", 1, 65536);
        var size = Options.Integer("--image-size", 224, "Height and width in pixels.", 1, 4096);
        var train = Options.Flag("--train", "A training step; this is what happens without --infer too.");
        var infer = Options.Flag("--infer", "A forward pass with norms folded into convolutions.");
        var kernel = Options.OptionalPath("--kernel", "Only operations whose name contains this, one line for each combination of shapes.", "name");
        var check = Options.Flag("--check", "Compare every operation with another device's instead of timing it.");
        var tolerance = Options.OptionalNumber("--tolerance", "With --check: largest error relative to a destination's largest value; without it 1e-4, for tf32 5e-3.", 0, 1);
        var json = Options.Flag("--json", "Print JSON instead of a table.");
        var device = new DeviceOptions(training: true);
        var command = new DocumentedCommand(
            "profile", "Show where a step's time goes.", Manual,
            "flixstock profile --batch-size 4",
            "flixstock profile --device cuda --batch-size 256 --precision bf16 --kernel Abn",
            "flixstock profile --device cuda --check --kernels my-kernels --batch-size 4 --image-size 64")
        {
            model, layers, width, batch, size, train, infer, kernel, check, tolerance, json,
        };
        device.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(train) && parsed.GetValue(infer))
                throw new InputException("--train and --infer: give one of the two");
            if (parsed.GetValue(tolerance) is not null && !parsed.GetValue(check))
                throw new InputException("--tolerance is for --check: add that, or leave it out");
            var options = new TrainerOptions { ModelName = parsed.GetValue(model)!, Layers = parsed.GetValue(layers) is { Length: > 0 } given ? given : null, Width = parsed.GetValue(width) }
                .Model(AttributeTable.Garments.ClassCount);
            var request = new ProfileRequest(
                options, parsed.GetValue(batch), parsed.GetValue(size), !parsed.GetValue(infer), parsed.GetValue(kernel), parsed.GetValue(tolerance), parsed.GetValue(json));
            var backend = session.Open(device.Read(parsed));
            return parsed.GetValue(check) ? Check(session.Terminal, backend, request) : Profile(session.Terminal, backend, request);
        });
        return command;
    }

    private sealed record ProfileRequest(TResNetOptions Model, int Batch, int Size, bool Training, string? Kernel, double? Tolerance, bool Json)
    {
        public bool Wants(string operation) => Kernel is null || operation.Contains(Kernel, StringComparison.OrdinalIgnoreCase);
    }

    private static int Profile(Terminal terminal, Backend backend, ProfileRequest request)
    {
        var ranges = backend.Device is CudaDevice ? NvtxRanges.Open() : null;
        var report = StepProfile.Measure(backend, request.Model, request.Batch, request.Size, request.Training, byShapes: request.Kernel is not null, ranges);
        var total = report.Operations.Sum(time => time.Milliseconds);
        report = report with { Operations = [.. report.Operations.Where(time => request.Wants(time.Name))] };
        if (request.Json)
            terminal.Line(JsonSerializer.Serialize(report, Indented));
        else
            Print(terminal, backend, report, total);
        return CommandLine.Done;
    }

    private static int Check(Terminal terminal, Backend backend, ProfileRequest request)
    {
        using var measure = backend.Device is CpuDevice ? Backend.Reference() : Backend.Cpu();
        var checks = StepCheck.Compare(backend, measure, request.Model, request.Batch, request.Size, request.Training, request.Tolerance);
        checks = [.. checks.Where(check => request.Wants(check.Name))];
        var different = checks.Where(check => check.Difference is not null).ToList();
        if (request.Json)
        {
            terminal.Line(JsonSerializer.Serialize(checks, Indented));
        }
        else
        {
            terminal.Table(
                $"{backend.Device.Name}, {backend.Precision.Option()}, against {(backend.Device is CpuDevice ? "the reference kernels" : measure.Device.Name)}",
                ["operation", "calls", "worst, of tolerance", ""],
                checks.Select(check => new[] { check.Name, $"{check.Calls}", $"{check.Worst:0.000}", check.Difference is null ? "" : "differs" }));
            foreach (var check in different)
                terminal.Line($"{check.Difference}");
            terminal.Line($"{checks.Count - different.Count} of {checks.Count} operations agree");
        }
        return different.Count == 0 ? CommandLine.Done : CommandLine.MachineFailed;
    }

    private static void Print(Terminal terminal, Backend backend, StepProfileReport report, double total)
    {
        var (copy, product) = (report.Peaks.CopyGigabytesPerSecond, report.Peaks.ProductGigaflopsPerSecond);
        var shapes = report.Operations.Any(time => time.Shapes.Length > 0);
        string[] header = ["operation", "calls", "ms", "share", "MB", "GB/s", "of copy", "GFLOP", "TFLOP/s", "of product"];
        terminal.Table(
            $"One step on {backend.Device.Name}, {backend.Precision.Option()}",
            shapes ? [.. header, "shapes"] : header,
            report.Operations.Select(time => (string[])
            [
                time.Name, $"{time.Calls}", $"{time.Milliseconds:0.000}", $"{time.Milliseconds / total:P0}", $"{time.Bytes / 1e6:0.0}", $"{time.GigabytesPerSecond:0.0}",
                $"{time.GigabytesPerSecond / copy:P0}", time.Operations > 0 ? $"{time.Operations / 1e9:0.00}" : "",
                time.Operations > 0 ? $"{time.GigaflopsPerSecond / 1e3:0.000}" : "", time.Operations > 0 ? $"{time.GigaflopsPerSecond / product:P0}" : "",
                .. shapes ? [time.Shapes] : Array.Empty<string>(),
            ]));
        terminal.Line($"the whole step: {report.StepMilliseconds:0.000} ms{(report.CapturedMilliseconds is { } captured ? $", captured and replayed {captured:0.000} ms" : "")}; "
            + $"a copy reaches {copy:0.0} GB/s, a matrix product {product / 1e3:0.000} TFLOP/s");
        if (report.PeakBytes is { } peak)
            terminal.Line($"peak memory: {peak >> 20} MiB");
        else if (report.ArenaBytes > 0)
            terminal.Line($"activations: {report.ArenaBytes >> 20} MiB");
        if (report.Load is { } load)
            terminal.Line(Describe(load));
    }

    private static string Describe(DeviceLoad load) =>
        $"NVML: {(load.TotalBytes - load.FreeBytes) >> 20} of {load.TotalBytes >> 20} MiB in use"
        + (load.Watts is { } watts ? $", {watts:0} W{(load.LimitWatts is { } limit ? $" of {limit:0}" : "")}" : "")
        + (load.UtilizationPercent is { } percent ? $", busy {percent} % of the time" : "");
}
