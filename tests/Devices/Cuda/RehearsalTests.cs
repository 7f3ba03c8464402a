using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Flixstock.KernelLab;

namespace Flixstock.Tests.Devices;

/// <summary>The programs of a GPU server over an emulated GPU, and the script that runs them there.</summary>
[NonParallelizable]
public sealed class RehearsalTests
{
    private static readonly string[] Tiny =
    [
        "--layers", "1,1,1,1", "--width", "0.125", "--image-size", "32", "--batch-size", "2",
    ];

    [SetUp]
    public void UseTheTestsCache() => RehearsalCommand.CacheFolder = EmulatedGpu.CacheFolder;

    [Test]
    public void AProfileHasEventsTimesCapturedStepsAndDeviceMemory()
    {
        NvrtcRequired.Open();
        using var report = JsonDocument.Parse(
            Run(0, ["flixstock", "profile", "--device", "cuda", "--precision", "bf16", "--json", .. Tiny]));
        var root = report.RootElement;
        Assert.That(
            root.GetProperty("operations").EnumerateArray()
                .Select(operation => operation.GetProperty("name").GetString()),
            Does.Contain("AdamStep").And.Contain("AbnBackward"));
        Assert.That(root.GetProperty("captured").GetProperty("median").GetDouble(), Is.Positive);
        Assert.That(root.GetProperty("peakBytes").GetInt64(), Is.Positive);
    }

    [Test]
    public void ACheckOfAFoldersKernelsNamesTheWrongOne()
    {
        NvrtcRequired.Open();
        using var folder = new EditedKernels("space_to_depth.cu", "value / 255.0f", "value / 250.0f");
        var output = Run(
            1,
            [
                "flixstock", "profile", "--check", "--device", "cuda", "--precision", "fp32", "--kernels", folder.Path,
                "--kernel", "SpaceToDepth", .. Tiny,
            ]);
        Assert.That(
            output,
            Does.Contain("SpaceToDepthForward, call 1: 'output' [2, 8, 8, 48] differs first at [0, 0, 0, ").And
                .Contain("0 of 1 operations agree"));
    }

    [Test]
    public void TheBenchmarkRunsOnCudaWithoutAPeer()
    {
        NvrtcRequired.Open();
        var output = Run(
            0, ["bench", "--device", "cuda", "--precision", "bf16", "--steps", "1", "--rounds", "1", .. Tiny]);
        Assert.That(
            output,
            Does.Contain("PTX emulator, bf16").And.Contain("inference, batch 2").And.Contain("training, batch 2"));
    }

    [Test]
    public void APeerThatIsNotInstalledIsNotHere()
    {
        using var error = new StringWriter();
        var code = RehearsalCommand.Run(
            ["bench", "gradients", "--device", "cpu", "--python", "no-such-python", "--layers", "1,1,1,1"],
            TextWriter.Null, error);
        Assert.That(code, Is.EqualTo(4));
        Assert.That(error.ToString(), Does.Contain("no-such-python"));
    }

    // Minutes of a borrowed GPU are not for tests of the emulator, which CI has run.
    [Test]
    public void TheScriptsTestsAreTheGpusAlone()
    {
        var script = File.ReadAllText(Path.Combine(Golden.RepositoryFolder, "tools", "gpu", "gpu-checks.sh"));
        var filter = Regex.Match(script, "tests_filter=\\$\\{TESTS_FILTER:-'([^']+)'\\}").Groups[1].Value;
        var (code, output) = OwnTests.Start(
            [.. OwnTests.Program, "--filter", filter, "--list-tests"], ("FLIXSTOCK_TEST_CUDA", "1"));
        Assert.That(code, Is.Zero, output);
        var tests = output.Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal)
            && line.Contains('(', StringComparison.Ordinal) && !line.Contains("duration", StringComparison.Ordinal)
            && !line.Contains("discovered", StringComparison.Ordinal)).ToList();
        Assert.That(tests, Has.Count.GreaterThan(100), output);
        Assert.That(tests, Is.All.Contain("\"cuda\""));
    }

    // The script's own logic, with programs that only say what they were asked.
    [Test]
    [Platform(Exclude = "Win")]
    public void TheScriptTellsPassedFailedAndNotHereApart()
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-script-").FullName;
        try
        {
            var program = Path.Combine(folder, "program");
            // Of the benchmark's steps one fails, and one needs what is not here.
            File.WriteAllText(
                program,
                "#!/bin/sh\ncase \"$*\" in *--infer*) exit 1;; bench*) echo no peer; exit 4;; esac\necho done\n");
            var (code, output) = Script(folder, program, "bench");
            Assert.That(code, Is.EqualTo(1));
            Assert.That(output, Does.Contain("2 passed, 1 failed or left, 2 not here"));
            Assert.That(
                File.ReadAllText(Path.Combine(folder, "report", "bench-alone.not-here")),
                Does.StartWith("not here: no peer"));
            Assert.That(File.Exists(Path.Combine(folder, "report", "bench-alone.txt")), Is.False);
            // What was done stays done; what failed still counts.
            Assert.That(
                Script(folder, program, "bench").Output,
                Does.Contain("profile-train: done before (exit code 0)").And
                    .Contain("2 passed, 1 failed or left, 2 not here"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int Code, string Output) Script(string folder, string program, string part)
    {
        var start = new ProcessStartInfo(
            "bash", [Path.Combine(Golden.RepositoryFolder, "tools", "gpu", "gpu-checks.sh"), part])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        start.Environment["REHEARSE"] = $"sh {program}";
        start.Environment["REHEARSE_LAB"] = "true";
        start.Environment["PYTHON"] = "no-such-python";
        start.Environment["REPORT"] = Path.Combine(folder, "report");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static string Run(int expected, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(RehearsalCommand.Run(arguments, output, error), Is.EqualTo(expected), error.ToString());
        return output.ToString();
    }
}
