using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock doctor</c>: what is this machine, and would training on CUDA work here?</summary>
internal static class DoctorCommand
{
    private static readonly JsonSerializerOptions CamelCase = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private const string Manual = """
        Says what decides the speed on this machine: the processor, the width of its vectors in use and what makes it narrower, threads, memory (with the limits of a
        container), and whether the libraries that read pictures and verify exported models can be loaded.
        Then looks for NVIDIA's driver, NVRTC, cuBLAS and cuDNN, lists the GPUs, and lets each library compute something small that is compared with the processor's result.
        What is missing is named together with how to get it. FLIXSTOCK_CUDA_PATH may hold folders to search first: a CUDA toolkit, a folder of libraries, or a Python
        environment with NVIDIA's wheels. Everything but --device cuda works without any of this.
        Kernels are compiled by NVRTC on the machine that runs them. --write-ptx compiles all of them now, for machines
        without NVRTC: a folder 'ptx' next to the program takes its place.

        Exit code 0: training with --device cuda would work. 1: it would not.
        """;

    public static Command Create(Session session)
    {
        var json = Options.Flag("--json", "Print the report as JSON.");
        var searched = Options.Flag("--searched", "List the folders that were searched.");
        var write = Options.OptionalPath(
            "--write-ptx", "Compile all kernels to PTX into this folder and do nothing else; needs NVRTC, no GPU.",
            "folder");
        var command = new DocumentedCommand(
            "doctor", "Examine this machine: processor, memory, libraries, and what CUDA needs.", Manual,
            "flixstock doctor", "flixstock doctor --write-ptx bundle/app/ptx")
        {
            json, searched, write,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(write) is { } folder)
                return WritePtx(session.Terminal, folder);
            var (machine, report) = (MachineReport.Read(), CudaDoctor.Examine(session.Cancellation));
            NativeLibraryStatus[] libraries = [NativeLibraryCheck.Skia, OnnxSession.Library];
            if (parsed.GetValue(json))
            {
                session.Terminal.Json(ToJson(report, machine, libraries));
                return report.CanTrain ? CommandLine.Done : CommandLine.MachineFailed;
            }
            MachinePages.Print(session.Terminal, machine, libraries);
            session.Terminal.Line(TurboJpeg.Note);
            Print(session.Terminal, report, parsed.GetValue(searched));
            return report.CanTrain ? CommandLine.Done : CommandLine.MachineFailed;
        });
        return command;
    }

    private static int WritePtx(Terminal terminal, string folder)
    {
        Files.RequireWritableFolder(folder);
        var compiler = KernelCompiler.Open();
        var written = PackedKernels.Write(folder, compiler, KernelSources.Default);
        var architectures = string.Join(
            " and ", PackedKernels.Architectures.Select(number => $"{number / 10}.{number % 10}"));
        terminal.Line($"{folder}: {written} files, for compute capability {architectures} and newer, by NVRTC "
            + $"{compiler.Version}");
        return CommandLine.Done;
    }

    private static string ToJson(CudaReport report, MachineReport machine, IReadOnlyList<NativeLibraryStatus> libraries)
    {
        var json = JsonNode.Parse(report.ToJson())!.AsObject();
        json["machine"] = JsonSerializer.SerializeToNode(machine, CamelCase);
        json["jpeg"] = TurboJpeg.Note;
        json["nativeLibraries"] = JsonSerializer.SerializeToNode(libraries, CamelCase);
        return json.ToJsonString(CamelCase);
    }

    /// <summary>The report as a person reads it.</summary>
    internal static void Print(Terminal terminal, CudaReport report, bool searched)
    {
        terminal.Table(
            "Libraries", ["library", "version", "file"], report.Libraries.Select(Row), rightFrom: int.MaxValue);
        if (report.Devices.Count > 0)
        {
            terminal.Table(
                "GPUs", ["device", "name", "capability", "SMs", "memory GiB", "free GiB", "W", "busy"],
                report.Devices.Select(Row), rightFrom: 2);
        }
        if (report.SelfTests.Count > 0)
        {
            terminal.Table(
                "Self-tests", ["device", "test", "outcome", "detail"], report.SelfTests.Select(Row),
                rightFrom: int.MaxValue);
        }
        if (searched)
            terminal.Table("Searched, in this order", ["folder"], report.Searched.Select(folder => new[] { folder }));
        foreach (var problem in report.Devices.Select(device => device.Problem).OfType<string>()
            .Concat(report.Problems).Distinct())
        {
            terminal.Line($"- {problem}");
        }
        terminal.Line(report.CanTrain
            ? "Training on CUDA would work: --device cuda."
            : "Training on CUDA would not work here; --device cpu does.");
    }

    private static string[] Row(LibraryReport library) =>
    [
        library.Name, library.Version,
        library.Usable
            ? $"{library.Path} ({library.Origin})"
            : library.Required ? "cannot be used, see below" : $"not there, not required: {library.Problem}",
    ];

    private static string[] Row(DeviceReport device) =>
    [
        $"cuda:{device.Ordinal}", device.Name, device.ComputeCapability, $"{device.Multiprocessors}",
        Gibibytes(device.TotalBytes), Gibibytes(device.FreeBytes), device.Watts is { } watts ? $"{watts:0}" : "",
        device.UtilizationPercent is { } percent ? $"{percent} %" : "",
    ];

    private static string[] Row(SelfTestReport test) =>
        [$"cuda:{test.Device}", test.Name, Words(test.Outcome), test.Detail];

    private static string Words(SelfTestOutcome outcome) => outcome switch
    {
        SelfTestOutcome.Passed => "passed",
        SelfTestOutcome.Failed => "failed",
        _ => "not run",
    };

    private static string Gibibytes(long bytes) => bytes == 0 ? "" : $"{bytes / (double)(1L << 30):0.0}";
}
