using Flixstock.Engine;
using Flixstock.KernelLab;
using Flixstock.PtxEmulator;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Laboratory;

/// <summary>The laboratory for single kernels, on the emulator.</summary>
[NonParallelizable]
public sealed class KernelLabTests
{
    [OneTimeSetUp]
    public void UseTheTestsCache()
    {
        NvrtcRequired.Open();
        LabDevice.CacheFolder = EmulatedGpu.CacheFolder;
    }

    [Test]
    public void TheListHasEveryFileAndTheCasesOfAKernel()
    {
        var (code, output) = Run("list");
        Assert.That(code, Is.Zero);
        foreach (var file in Directory.GetFiles(Path.Combine(Golden.RepositoryFolder, "kernels"), "*.cu"))
            Assert.That(output, Does.Contain(Path.GetFileNameWithoutExtension(file)));
        var line = output.Split('\n')
            .Single(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "average_pool_backward", ..]);
        Assert.That(line, Does.Contain("AveragePoolBackward accumulate=False; AveragePoolBackward accumulate=True"));
    }

    [Test]
    public void ACompiledFileTellsRegistersAndSpillsOfEveryEntry()
    {
        var (code, output) = Run("compile", "average_pool", "--architecture", "sm_80");
        Assert.That(code, Is.Zero);
        var rows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.That(rows, Has.Count.EqualTo(12)); // two kernels, three types, two paths
        Assert.That(
            rows.Select(row => int.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture)),
            Is.All.InRange(8, 255));
        Assert.That(rows.Select(row => row[3]), Is.All.EqualTo("0"));
    }

    [Test]
    public void ARunTellsAgreementAndWhatTheKernelDid()
    {
        var (code, output) = Run("run", "BlurPoolForward", "--type", "f16");
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("agrees").And.Contain("blur_pool_forward_f16").And.Contain("sectors a request")
            .And.Contain("bank conflicts").And.Contain("ld.global"));
    }

    [Test]
    public void TwoVersionsStandSideBySideAndTheWrongOneIsNamed()
    {
        using var folder = new EditedKernels("average_pool.cu", "1.0f / ((bottom - top) * (right - left))", "0.25f");
        var (code, output) = Run("compare", "AveragePoolForward", "--type", "f32", "--kernels", folder.Path);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("folder: AveragePoolForward, Float32").And
            .Contain("embedded agrees, folder differs").And.Contain("thread instructions"));
    }

    [Test]
    public void AnAccessOutOfBoundsIsReportedWithItsKernel()
    {
        using var folder = new EditedKernels("average_pool.cu", "min(top + 2, height)", "top + 200000");
        var (code, output) = Run("run", "AveragePoolForward", "--type", "f32", "--kernels", folder.Path);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("average_pool_forward_f32"));
    }

    [TestCase("--case", "run", "NoSuchCase")]
    [TestCase("--shape 1,2", "run", "Fill", "--shape", "1,2")]
    [TestCase("--type f8", "run", "Fill", "--type", "f8")]
    [TestCase("--kernels FOLDER", "compare", "Fill")]
    public void WrongArgumentsAreOneLine(string named, params string[] arguments)
    {
        using var error = new StringWriter();
        Assert.That(LabCommand.Run(arguments, TextWriter.Null, error), Is.EqualTo(2));
        Assert.That(error.ToString().Trim(), Does.StartWith("error: ").And.Contain(named).And.Not.Contain("\n"));
    }

    private static (int Code, string Output) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = LabCommand.Run(arguments, output, error);
        Assert.That(error.ToString(), Is.Empty);
        return (code, output.ToString());
    }

    // A launch takes 10 us on this device; what the host takes for it does not count.
    [TestCase("AbnApply slope=0.01 inPlace=False", 0, 10)]
    [TestCase("AbnApply slope=0.01 inPlace=False", 5, 10)]
    [TestCase("AbnBackward gamma=1 training=True", 5, 20)]
    public void ACaseIsTimedAsACapturedStepRunsIt(string name, double host, double microseconds)
    {
        using var gpu = new EmulatedGpu(options: new EmulatedDriverOptions(LaunchHostMilliseconds: host));
        var call = KernelCalls.All().Single(call => call.Name == name);
        var time = CaseTime.Of(gpu.Device, call, ElementType.BFloat16, new Shape(2, 4, 4, 16));
        Assert.That(time.Microseconds, Is.EqualTo(microseconds).Within(1));
        Assert.That(time.Bytes, Is.AtLeast(2 * 2 * 512));
    }
}
