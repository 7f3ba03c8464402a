using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>
/// Convolutions with bias, residual and ReLU in one kernel of cuDNN's: taken where that is faster than a convolution
/// and a pass, left out where anything is wrong with them, and the same numbers up to a rounding between the two.
/// </summary>
[Parallelizable] // a device of its own
public class FoldedEnginesTests
{
    private const double Fast = 0.02, Slow = 5; // a legacy algorithm takes 0.1, and the pass something
    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-folded").FullName;
        EmulatedGpu.CopyKernels(_folder);
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    // What the heuristic lists, and which of it is taken; -1 for none.
    private static readonly (string Name, EmulatedEngine[] Engines, int Taken)[] Lists =
    [
        ("nothing is listed", [], -1),
        ("a faster engine is taken", [new(Fast)], 0),
        ("a slower engine is not", [new(Slow)], -1),
        ("the fastest of several is taken", [new(0.05), new(Slow), new(Fast, WorkspaceBytes: 4096)], 2),
        ("one that cannot be planned is left out", [new(Fast, Finalizes: false), new(0.05)], 1),
        ("one that fails is left out", [new(Fast, Executes: false), new(0.05)], 1),
        ("one that cannot be captured is left out", [new(Fast, Captures: false), new(0.05)], 1),
        ("one that wants too much memory is left out", [new(Fast, WorkspaceBytes: 1L << 40), new(0.05)], 1),
        ("one that rounds singles is left out", [new(Fast, Notes: [0]), new(0.05)], 1),
        ("what the host takes to queue one does not count", [new(0.05, HostMilliseconds: 3)], 0),
    ];

    private static IEnumerable<string> Names() => Lists.Select(list => list.Name);

    [TestCaseSource(nameof(Names))]
    public void TheFastestThatWorksComputesTheSame(string name)
    {
        var (_, engines, taken) = Lists.Single(list => list.Name == name);
        using var plain = Open([], keeps: false);
        using var gpu = Open(engines, keeps: false);
        // All kinds of graphs where one is taken; for the rest one is enough.
        foreach (var (residual, slope, stride, window) in Cases().Take(taken == 0 ? int.MaxValue : 1))
        {
            var expected = Convolve(plain, residual, slope, stride, window);
            Convolve(gpu, residual, slope, stride, window);
            gpu.Dnn.EngineRuns.Clear();
            var actual = Convolve(gpu, residual, slope, stride, window);
            TestTensors.AssertClose(
                actual, expected, 2e-6 * TestTensors.Largest(expected), $"{residual} {slope} {stride} {window}");
            Assert.That(
                gpu.Dnn.EngineRuns.Select(run => (run.Key, run.Value)),
                Is.EqualTo(taken < 0 ? Array.Empty<(int, int)>() : new[] { (taken, 1) }));
        }
    }

    // A graph with and without a residual, with and without a ReLU.
    private static IEnumerable<(bool Residual, float Slope, int Stride, int Window)> Cases() =>
        [(false, 0.01f, 1, 3), (false, 1, 2, 3), (true, 0, 2, 3), (true, 1, 1, 3)];

    // A matrix product and a pass take no time but that of two launches here.
    [TestCase(0.005, 1)]
    [TestCase(0.05, 0)]
    public void AMatrixProductHasToBeBeatenToo(double milliseconds, int runs)
    {
        using var gpu = Open([new(milliseconds)], keeps: false);
        using var plain = Open([], keeps: false);
        Convolve(gpu, residual: true, 0, 1, 1);
        gpu.Dnn.EngineRuns.Clear();
        var expected = Convolve(plain, residual: true, 0, 1, 1);
        TestTensors.AssertClose(
            Convolve(gpu, residual: true, 0, 1, 1), expected, 2e-6 * TestTensors.Largest(expected), "1x1");
        Assert.That(gpu.Dnn.EngineRuns.Values.Sum(), Is.EqualTo(runs));
    }

    [TestCase(Precision.Bf16)]
    [TestCase(Precision.Fp16)]
    public void SixteenBitsAreRoundedOnce(Precision precision)
    {
        using var gpu = Open([new(Fast)], precision: precision);
        using var plain = Open([], keeps: false, precision: precision);
        var expected = Convolve(plain, residual: true, 0.01f, 1, 3);
        var actual = Convolve(gpu, residual: true, 0.01f, 1, 3);
        Assert.That(gpu.Dnn.EngineRuns, Is.Not.Empty);
        var step = precision == Precision.Bf16 ? 1.0 / 64 : 1.0 / 512;
        TestTensors.AssertClose(actual, expected, step * TestTensors.Largest(expected), "rounded twice");
    }

    [Test]
    public void TheNextProcessKnows([Values(Fast, Slow)] double milliseconds)
    {
        using (var first = Open([new(milliseconds)]))
            Convolve(first, residual: true, 0, 1, 3);
        using var second = Open([new(milliseconds)]);
        Convolve(second, residual: true, 0, 1, 3);
        Assert.That(second.Dnn.EngineRuns.Values.Sum(), Is.EqualTo(milliseconds < Slow ? 1 : 0));
    }

    [Test]
    public void AnEngineThatFailsInTheNextProcessIsNotTaken()
    {
        float[] numbers;
        using (var first = Open([new(Fast)]))
            numbers = Convolve(first, residual: false, 0, 1, 3);
        using var second = Open([new(Fast, Executes: false)]);
        TestTensors.AssertClose(
            Convolve(second, residual: false, 0, 1, 3), numbers, 2e-6 * TestTensors.Largest(numbers), "separately");
    }

    [Test]
    public void InferenceIsTheSameCapturedAndNot()
    {
        using var gpu = Open([new(Fast)], precision: Precision.Bf16);
        using var other = Open([new(Fast)], precision: Precision.Bf16);
        Assert.That(Infer(gpu.Backend), Is.EqualTo(Infer(other.Backend.WithoutGraphs())));
        Assert.That(gpu.Dnn.EngineRuns, Is.Not.Empty);
    }

    private static float[] Infer(Backend backend)
    {
        using var network = new TResNet(
            backend, new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.125, Classes = 5 });
        network.Initialize(3);
        using var folded = new FoldedNetwork(network);
        var pixels = new byte[2 * 32 * 32 * 3];
        new Random(5).NextBytes(pixels);
        var input = backend.Device.FromHost<byte>(pixels, new Shape(2, 32, 32, 3), ElementType.UInt8);
        var logits = Array.Empty<float>();
        for (var i = 0; i < 3; i++)
            logits = backend.Device.ToHost<float>(folded.Forward(input));
        return logits;
    }

    private EmulatedGpu Open(
        IReadOnlyList<EmulatedEngine> engines, bool keeps = true, Precision precision = Precision.Fp32)
    {
        var folder = _folder;
        if (!keeps)
            EmulatedGpu.CopyKernels(folder = Directory.CreateTempSubdirectory("flixstock-folded-other").FullName);
        var gpu = new EmulatedGpu(
            precision, new EmulatedDriverOptions(MemoryBytes: 64 << 20), usual => usual with { CacheFolder = folder });
        gpu.Dnn.FoldedEngines = engines;
        return gpu;
    }

    private static float[] Convolve(EmulatedGpu gpu, bool residual, float slope, int stride, int window)
    {
        var (device, type) = (gpu.Device, gpu.Backend.ActivationType);
        var extent = stride == 1 ? 6 : 3;
        var output = new Shape(2, extent, extent, 16);
        Tensor Random(Shape of, ulong seed) =>
            KernelLab.HalfPrecision.Store(device, TestTensors.Random(of.Count, seed), type) with { Shape = of };
        var (x, w) = (Random(new Shape(2, 6, 6, 8), 1), Random(new Shape(16, window, window, 8), 2));
        var bias = device.FromHost<float>(TestTensors.Random(16, 3), new Shape(16));
        var (added, y) = (residual ? Random(output, 4) : Tensor.None, device.Allocate(output, type));
        gpu.Backend.Kernels.ConvolutionFolded(
            x, w, bias, added, new ConvolutionGeometry(stride, window / 2), slope, y);
        return KernelLab.HalfPrecision.Load(device, y);
    }
}
