using System.Text.Json;
using Flixstock.KernelLab;

namespace Flixstock.Tests.Devices;

/// <summary>The programs of a GPU server over an emulated GPU.</summary>
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
        using var folder = new EditedKernels("space_to_depth.cu", "threadIdx.x / 255.0f", "threadIdx.x / 250.0f");
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

    private static string Run(int expected, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(RehearsalCommand.Run(arguments, output, error), Is.EqualTo(expected), error.ToString());
        return output.ToString();
    }
}
