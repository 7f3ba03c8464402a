using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>
/// Devices that cannot be used, and folders that cannot: one line each, and the processor where that was asked for.
/// </summary>
public class BadDeviceTests
{
    [Test]
    public void ADeviceThatIsTooOldOrNotThereDoesNotOpen()
    {
        Assert.That(
            () => new EmulatedGpu(options: new EmulatedDriverOptions(ComputeCapability: 70), hasCompiler: false),
            Throws.TypeOf<EngineException>().With.Message
                .EqualTo("CUDA device 0, PTX emulator, has compute capability 7.0: 7.5 (Turing) or newer is needed"));
        Assert.That(
            () => new EmulatedGpu(change: usual => usual with { Ordinal = 3 }, hasCompiler: false),
            Throws.TypeOf<EngineException>().With.Message
                .EqualTo("there is no CUDA device 3: this machine has one, number 0"));
    }

    [TestCase(Precision.Bf16, "bf16")]
    [TestCase(Precision.Tf32, "tf32")]
    public void APrecisionThatTheDeviceLacksIsRefused(Precision precision, string option) => Assert.That(
        () => new EmulatedGpu(precision, new EmulatedDriverOptions(ComputeCapability: 75), hasCompiler: false),
        Throws.TypeOf<InputException>().With.Message
            .StartsWith($"precision {option}: CUDA device 0, PTX emulator does not have it"));

    [Test]
    public void AKernelFolderThatIsReadOnlyIsSaidOnceAndTheKernelRuns()
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-cache").FullName;
        try
        {
            var file = Path.Combine(folder, "kernels");
            File.WriteAllText(file, "a file where the folder should be");
            var notes = new List<string>();
            using var gpu = new EmulatedGpu(change: usual => usual with { CacheFolder = file, Notes = notes.Add });
            using var first = gpu.Device.Compile("first", "extern \"C\" __global__ void first(float *x) { x[0] = 1; }");
            using var second = gpu.Device.Compile(
                "second", "extern \"C\" __global__ void second(float *x) { x[0] = 2; }");
            Assert.That(second.Function("second").Handle, Is.Not.Zero);
            Assert.That(notes, Has.Count.EqualTo(1));
            Assert.That(notes[0], Does.StartWith(file).And.Contain("compiled again in every run"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void ADamagedKernelIsCompiledAgain()
    {
        const string Source = "extern \"C\" __global__ void one(float *x) { x[0] = 1; }";
        var folder = Directory.CreateTempSubdirectory("flixstock-cache").FullName;
        try
        {
            using (var gpu = new EmulatedGpu(change: usual => usual with { CacheFolder = folder }))
                gpu.Device.Compile("one", Source).Dispose();
            var file = Directory.GetFiles(folder, "one-*.kernel").Single();
            var whole = File.ReadAllBytes(file);
            File.WriteAllBytes(file, [.. whole[..^1], (byte)~whole[^1]]);
            using (var gpu = new EmulatedGpu(change: usual => usual with { CacheFolder = folder }))
                gpu.Device.Compile("one", Source).Dispose();
            Assert.That(File.ReadAllBytes(file), Same.As(whole));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void TwoDevicesCompileIntoOneFolderAtOnce()
    {
        const string Source = "extern \"C\" __global__ void one(float *x) { x[0] = 1; }";
        var folder = Directory.CreateTempSubdirectory("flixstock-cache").FullName;
        try
        {
            Parallel.For(0, 4, _ =>
            {
                using var gpu = new EmulatedGpu(change: usual => usual with { CacheFolder = folder });
                using var module = gpu.Device.Compile("one", Source);
                Assert.That(module.Function("one").Handle, Is.Not.Zero);
            });
            Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1).And.All.EndsWith(".kernel"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void AutoComputesOnTheProcessorAndSaysSoOnceAndCudaIsAFailure()
    {
        if (Backend.TryCuda(null, null, deterministic: false, out var backend, out var reason))
        {
            backend.Dispose();
            Assert.Ignore("this machine has a GPU");
        }
        string[] profile =
        [
            "profile", "--model-name", "tresnet_m", "--image-size", "32", "--batch-size", "1", "--infer",
            "--json", "--device",
        ];
        var (exit, output, error) = Run([.. profile, "auto"]);
        Assert.That(exit, Is.Zero, error);
        Assert.That(
            error.TrimEnd(), Is.EqualTo("note: computing on the processor: no CUDA ('flixstock doctor' says why)"));
        Assert.That(output, Does.StartWith("{"));
        (exit, output, error) = Run([.. profile, "cuda"]);
        Assert.That(
            (exit, output, error.TrimEnd()),
            Is.EqualTo((1, "", $"error: --device cuda: {reason}; or use --device cpu")));
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
