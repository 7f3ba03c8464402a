using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// <c>flixstock profile</c>: shows how a step's time is spent, or whether its kernels compute what they should.
/// </summary>
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
        what the device reaches in the same run: a copy for bytes; for arithmetic ("of peak") a large matrix product on
        a GPU and multiply-adds in registers on the processor, where Winograd's filtering, which needs a quarter of the
        multiplications, may exceed 100 %. Times are CUDA events on a GPU, read when the step is done, and the host's
        clock on the processor.

        After --warmup steps, --repeats steps are measured. The table is of the step with the median time, so that its
        parts, with "between operations", add up to it; "spread" is half the range of a part over all steps measured.
        --by layer shows layers instead of operations, --kernel single operations, by shape, with their layers.
        --trace FILE writes when each phase, layer and operation began and ended: ui.perfetto.dev or chrome://tracing
        shows it. On a GPU, layers and phases are named for Nsight (NVTX) if that is installed.

        --check does every call a second time, on the processor for a GPU and by the reference kernels for the processor,
        and compares every destination: the first element that differs is shown with its operation. Exit code 1 if one does.

        --kernels FOLDER, or FLIXSTOCK_KERNELS, takes the CUDA sources from a folder: an edited kernel is timed, or
        checked, inside a real step.
        """;

    public static Command Create(Session session)
    {
        var model = Options.Network();
        model.Aliases.Add("--model");
        var layers = Options.FourIntegers("--layers", "Residual blocks of the four stages, for a custom network.");
        var width = Options.OptionalNumber("--width", "Factor on the channels; without it the variant's.", 0.02, 64);
        var batch = Options.Integer("--batch-size", 8, "Pictures of a step.", 1, 65536);
        var size = Options.Integer("--image-size", 224, "Height and width in pixels.", 1, 4096);
        var train = Options.Flag("--train", "A training step; this is what happens without --infer too.");
        var infer = Options.Flag("--infer", "A forward pass with norms folded into convolutions.");
        var kernel = Options.OptionalPath(
            "--kernel", "Only operations whose name contains this, one line for each combination of shapes.", "name");
        var by = Options.Choice("--by", "operation", "What the rows of the table are", "operation", "layer");
        var warmup = Options.Integer(
            "--warmup", new StepProfileOptions().Warmup, "Steps before the first that is measured.", 0, 10_000);
        var repeats = Options.Integer(
            "--repeats", new StepProfileOptions().Repeats, "Steps that are measured.", 1, 10_000);
        var trace = Options.OptionalPath(
            "--trace", "Also write a timeline of the measured steps, for ui.perfetto.dev or chrome://tracing.");
        var check = Options.Flag("--check", "Compare every operation with another device's instead of timing it.");
        var tolerance = Options.OptionalNumber(
            "--tolerance",
            "With --check: largest error relative to a destination's largest value; without it 1e-4, for tf32 5e-3.",
            0, 1);
        var json = Options.Flag("--json", "Print JSON instead of a table.");
        var device = new DeviceOptions(training: true);
        var command = new DocumentedCommand(
            "profile", "Show how a step's time is spent.", Manual,
            "flixstock profile --batch-size 4",
            "flixstock profile --infer --batch-size 1 --by layer --trace step.json",
            "flixstock profile --device cuda --batch-size 256 --precision bf16 --kernel Abn",
            "flixstock profile --device cuda --check --kernels my-kernels --batch-size 4 --image-size 64")
        {
            model, layers, width, batch, size, train, infer, kernel, by, warmup, repeats, trace, check, tolerance, json,
        };
        device.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(train) && parsed.GetValue(infer))
                throw new InputException("--train and --infer: give one of the two");
            if (parsed.GetValue(tolerance) is not null && !parsed.GetValue(check))
                throw new InputException("--tolerance is for --check: add that, or leave it out");
            if (parsed.GetValue(check) && parsed.GetValue(trace) is not null)
                throw new InputException("--trace is for times, and --check takes none: leave one of the two out");
            if (parsed.GetValue(kernel) is { } wanted)
                OperationNames.Require(wanted);
            var options = new TrainerOptions
            {
                ModelName = parsed.GetValue(model)!,
                Layers = parsed.GetValue(layers) is { Length: > 0 } given ? given : null,
                Width = parsed.GetValue(width),
            }.Model(AttributeTable.Garments.ClassCount);
            var steps = new StepProfileOptions
            {
                Batch = parsed.GetValue(batch),
                ImageSize = parsed.GetValue(size),
                Training = !parsed.GetValue(infer),
                ByShapes = parsed.GetValue(kernel) is not null,
                Warmup = parsed.GetValue(warmup),
                Repeats = parsed.GetValue(repeats),
                Timeline = parsed.GetValue(trace) is not null,
            };
            var request = new ProfileRequest(
                options, steps, parsed.GetValue(kernel), parsed.GetValue(tolerance), parsed.GetValue(by) == "layer",
                parsed.GetValue(json), parsed.GetValue(trace), session.Cancellation);
            var backend = session.Open(device.Read(parsed));
            if (parsed.GetValue(check))
                return Check(session.Terminal, backend, request);
            return request.Trace is { } file
                ? OutputFolder.Use(
                    Path.GetDirectoryName(Path.GetFullPath(file))!,
                    "--trace", () => Profile(session.Terminal, backend, request))
                : Profile(session.Terminal, backend, request);
        });
        return command;
    }

    private sealed record ProfileRequest(
        INetworkDescription Model, StepProfileOptions Steps, string? Kernel, double? Tolerance, bool ByLayer, bool Json,
        string? Trace, CancellationToken Cancellation)
    {
        public bool Wants(string operation) =>
            Kernel is null || operation.Contains(Kernel, StringComparison.OrdinalIgnoreCase);

        public string Work => $"{(Steps.Training ? "training step" : "forward pass")}, {Model.Name}, {Steps.Batch} "
            + $"pictures of {Steps.ImageSize} x {Steps.ImageSize}";
    }

    private static int Profile(Terminal terminal, Backend backend, ProfileRequest request)
    {
        if (request.Trace is { } folder && Directory.Exists(folder))
        {
            throw new InputException(
                $"--trace {folder}: that is a folder; give a file, as {Path.Combine(folder, "step.json")}");
        }
        var ranges = backend.Device is CudaDevice ? NvtxRanges.Open() : null;
        var report = StepProfile.Measure(
            backend, request.Model, request.Steps with { Ranges = ranges, Cancellation = request.Cancellation });
        var wanted = report.Operations.Where(time => request.Wants(time.Name)).ToList();
        if (wanted.Count == 0)
            throw OperationNames.NotInStep(request.Kernel!, report.Operations.Select(time => time.Name));
        if (request.Trace is { } file)
            Files.WriteAtomically(file, StepTrace.ToJson(report.Events, backend.Device.Name, request.Work));
        if (request.Json)
            terminal.Json(JsonSerializer.Serialize(report with { Operations = wanted }, Indented));
        else
            ProfilePages.Print(terminal, backend, report, wanted, request.ByLayer);
        if (request.Trace is not null && !request.Json)
            terminal.Line($"written: {request.Trace}; open it in ui.perfetto.dev or chrome://tracing");
        return CommandLine.Done;
    }

    private static int Check(Terminal terminal, Backend backend, ProfileRequest request)
    {
        using var measure = backend.Device is CpuDevice ? Backend.Reference() : Backend.Cpu();
        var checks = StepCheck.Compare(
            backend, measure, request.Model, request.Steps.Batch, request.Steps.ImageSize, request.Steps.Training,
            request.Tolerance, ranges: new CancellationRanges(null, request.Cancellation));
        var all = checks.Select(check => check.Name).ToList();
        checks = [.. checks.Where(check => request.Wants(check.Name))];
        if (checks.Count == 0)
            throw OperationNames.NotInStep(request.Kernel!, all);
        var different = checks.Where(check => check.Difference is not null).ToList();
        if (request.Json)
        {
            terminal.Json(JsonSerializer.Serialize(checks, Indented));
        }
        else
        {
            terminal.Table(
                $"{backend.Device.Name}, {backend.Precision.Name()}, against "
                    + $"{(backend.Device is CpuDevice ? "the reference kernels" : measure.Device.Name)}",
                ["operation", "calls", "worst, of tolerance", ""],
                checks.Select(check => new[]
                {
                    check.Name, $"{check.Calls}", $"{check.Worst:0.000}", check.Difference is null ? "" : "differs",
                }));
            foreach (var check in different)
                terminal.Line($"{check.Difference}");
            terminal.Line($"{checks.Count - different.Count} of {checks.Count} operations agree");
        }
        return different.Count == 0 ? CommandLine.Done : CommandLine.MachineFailed;
    }
}
