using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>A machine without NVRTC: kernels that were compiled to PTX when the program was packed.</summary>
[NonParallelizable]
public class PackedKernelsTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("flixstock-packed").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void AStepIsTrainedWithoutACompiler()
    {
        var written = PackedKernels.Write(_folder, EmulatedGpu.KeepingCompiler(), KernelSources.Embedded, [80]);
        Assert.That(
            Directory.GetFiles(_folder),
            Has.Length.EqualTo(written).And.Contains(Path.Combine(_folder, "inplace_abn.compute_80.ptx")));
        using var packed = Open();
        Assert.That(packed.Device.Compiler, Is.Null);
        using var compiled = new EmulatedGpu();
        EmulatedSteps.Run(packed.Backend, 2).AssertSameBits(EmulatedSteps.Run(compiled.Backend, 2));
        Assert.That(
            new PackedKernels(_folder).HasAll(KernelSources.Embedded), Is.False, "the oldest GPUs have no PTX here");
    }

    [Test]
    public void TheNewestThatTheDeviceCanRunIsTaken()
    {
        WriteOne();
        var packed = new PackedKernels(_folder);
        foreach (var (capability, expected) in new[] { (75, "sm_75"), (80, "sm_80"), (90, "sm_80") })
        {
            Assert.That(packed.TryFind("one", One, Headers, capability, out var ptx, out var reason), reason);
            Assert.That(ptx, Does.Contain(expected));
        }
    }

    [Test]
    public void WhatIsMissingOrOfAnotherVersionIsNamedInOneLine()
    {
        WriteOne();
        using var gpu = Open();
        Assert.That(() => gpu.Device.Kernel("linear", "linear_bias_gradient"), Throws.TypeOf<EngineException>()
            .With.Message.Match(@"^linear\.cu cannot be compiled: .*; and there is no .*linear\.compute_75\.ptx, which "
                + @"would take its place$"));
        Assert.That(() => gpu.Device.Compile("one", One + "\n"), Throws.TypeOf<EngineException>().With.Message
            .Contains("one.compute_75.ptx was made of another version of one.cu"));
        using var module = gpu.Device.Compile("one", One);
        Assert.That(module.Function("one").Handle, Is.Not.Zero);
    }

    [Test]
    public void ADriverThatIsTooOldForThePtxIsToldSo()
    {
        WriteOne();
        using var gpu = Open(new EmulatedDriverOptions(NewestPtx: 50));
        Assert.That(() => gpu.Device.Compile("one", One), Throws.TypeOf<EngineException>()
            .With.Message.Match(@"^cuModuleLoadData\(one\.cu\) -> .*UnsupportedPtxVersion.*CUDA device 0, PTX "
                + @"emulator.*; the driver is older than the compiler that made the kernels: update the driver$"));
    }

    private const string One = "#include \"common.cuh\"\nextern \"C\" __global__ void one(float *x) { "
        + "x[threadIdx.x] = 1; }\n";

    private static IReadOnlyDictionary<string, string> Headers => KernelSources.Embedded.Headers;

    // As Write does it, for a single source.
    private void WriteOne()
    {
        var sources = Directory.CreateDirectory(Path.Combine(_folder, "sources")).FullName;
        File.WriteAllText(Path.Combine(sources, "one.cu"), One);
        foreach (var (name, text) in Headers)
            File.WriteAllText(Path.Combine(sources, name), text);
        Assert.That(
            PackedKernels.Write(_folder, NvrtcRequired.Open(), KernelSources.FromFolder(sources)), Is.EqualTo(2));
        Assert.That(new PackedKernels(_folder).HasAll(KernelSources.FromFolder(sources)));
    }

    private EmulatedGpu Open(EmulatedDriverOptions? options = null) =>
        new(
            options: options, change: usual => usual with { PackedFolder = _folder, CacheFolder = null },
            hasCompiler: false);
}
