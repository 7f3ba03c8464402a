using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>
/// Convolutions whose output cuDNN adds up on its way to memory (GenStats): taken where that is faster than a
/// convolution and a pass over its output, and the same statistics up to the rounding of single-precision sums.
/// </summary>
[Parallelizable] // a device of its own
public class SummedEnginesTests
{
    private const double Fast = 0.02, Slow = 5; // a legacy algorithm takes 0.1, and the pass something
    private const double Rounding = 1e-5; // of a sum of squares, one after the other
    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-summed").FullName;
        EmulatedGpu.CopyKernels(_folder);
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    // Stride, window; a matrix product takes no time but that of two launches here.
    [TestCase(1, 3, Fast, true)]
    [TestCase(2, 3, Fast, true)]
    [TestCase(1, 1, 0.001, true)]
    [TestCase(1, 3, Slow, false)]
    [TestCase(1, 1, Fast, false)]
    public void AnEngineIsTakenWhereItIsFaster(int stride, int window, double milliseconds, bool taken)
    {
        using var plain = Open([], Precision.Bf16);
        using var gpu = Open([new(milliseconds)], Precision.Bf16);
        var expected = Measure(plain, stride, window);
        Compare(Measure(gpu, stride, window), expected);
        gpu.Dnn.EngineRuns.Clear();
        Compare(Measure(gpu, stride, window), expected);
        Assert.That(gpu.Dnn.EngineRuns.Values.Sum(), Is.EqualTo(taken ? 1 : 0));
    }

    private static readonly Dictionary<string, EmulatedEngine> Unusable = new(StringComparer.Ordinal)
    {
        ["no plan"] = new(Fast, Finalizes: false),
        ["fails"] = new(Fast, Executes: false),
        ["cannot be captured"] = new(Fast, Captures: false),
        ["too much memory"] = new(Fast, WorkspaceBytes: 1L << 40),
        ["sums in any order"] = new(Fast, Notes: [4]),
    };

    private static IEnumerable<string> UnusableNames() => Unusable.Keys;

    [TestCaseSource(nameof(UnusableNames))]
    public void AnEngineThatCannotBeUsedIsLeftOut(string name)
    {
        var engine = Unusable[name];
        using var plain = Open([], Precision.Fp16);
        using var gpu = Open([engine], Precision.Fp16);
        AssertSameBits(Measure(gpu, 1, 3), Measure(plain, 1, 3));
    }

    // Singles would lose digits where the mean is far from 0.
    [Test]
    public void SinglesAreMeasuredApart()
    {
        using var gpu = Open([new(Fast)], Precision.Fp32);
        using var plain = Open([], Precision.Fp32);
        AssertSameBits(Measure(gpu, 1, 3), Measure(plain, 1, 3));
        Assert.That(gpu.Dnn.EngineRuns, Is.Empty);
    }

    [Test]
    public void TheNextProcessKnows([Values(Fast, Slow)] double milliseconds)
    {
        using (var first = Open([new(milliseconds)], Precision.Bf16, _folder))
            Measure(first, 1, 3);
        using var second = Open([new(milliseconds)], Precision.Bf16, _folder);
        Measure(second, 1, 3);
        Assert.That(second.Dnn.EngineRuns.Values.Sum(), Is.EqualTo(milliseconds < Slow ? 1 : 0));
    }

    // Where the mean is far from 0, what the sums lose is less than what the rounding of the values changes.
    [TestCase(Precision.Bf16, 8)]
    [TestCase(Precision.Bf16, 30)]
    [TestCase(Precision.Fp16, 30)]
    public void AMeanFarFromZeroCostsFewDigits(Precision precision, float offset)
    {
        using var gpu = Open([new(Fast)], precision);
        using var plain = Open([], precision);
        var (expected, actual) = (Measure(plain, 1, 3, offset), Measure(gpu, 1, 3, offset));
        var (variances, measured) = (expected["runningVariance"], actual["runningVariance"]);
        var means = expected["mean"];
        for (var c = 0; c < variances.Length; c++)
        {
            // Momentum 0.1: a tenth of the batch's variance, 0.9 of 1.
            var (variance, other) = ((variances[c] - 0.9) * 10, (measured[c] - 0.9) * 10);
            var lost = KernelLab.HalfPrecision.Step(gpu.Backend.ActivationType);
            Assert.That(
                Math.Abs(other - variance), Is.AtMost(lost * lost * (variance + means[c] * means[c])), $"channel {c}");
        }
    }

    [Test]
    public void AStepIsNearOneThatMeasuresApart()
    {
        using var apart = Open([], Precision.Bf16);
        using var gpu = Open([new(0)], Precision.Bf16);
        var (expected, step) = (EmulatedSteps.Run(apart.Backend, 1), EmulatedSteps.Run(gpu.Backend, 1));
        Assert.That(gpu.Dnn.EngineRuns, Is.Not.Empty);
        Assert.That(Math.Abs(step.Losses[0] / expected.Losses[0] - 1), Is.LessThan(1e-3));
    }

    private static EmulatedGpu Open(
        IReadOnlyList<EmulatedEngine> engines, Precision precision, string? folder = null)
    {
        if (folder is null)
            EmulatedGpu.CopyKernels(folder = Directory.CreateTempSubdirectory("flixstock-summed-other").FullName);
        var gpu = new EmulatedGpu(
            precision, new EmulatedDriverOptions(MemoryBytes: 64 << 20), usual => usual with { CacheFolder = folder });
        gpu.Dnn.SummedEngines = engines;
        return gpu;
    }

    private static void AssertSameBits(Dictionary<string, float[]> actual, Dictionary<string, float[]> expected)
    {
        foreach (var (name, values) in expected)
            Assert.That(actual[name], Same.As(values), name);
    }

    private static void Compare(Dictionary<string, float[]> actual, Dictionary<string, float[]> expected)
    {
        foreach (var (name, values) in expected)
            TestTensors.AssertClose(actual[name], values, Rounding * TestTensors.Largest(values), name);
    }

    // The offset is the mean of the output, by an input of ones as the last channel.
    private static Dictionary<string, float[]> Measure(EmulatedGpu gpu, int stride, int window, float offset = 0)
    {
        const int Outputs = 16, Inputs = 8;
        var (device, type, extent) = (gpu.Device, gpu.Backend.ActivationType, stride == 1 ? 6 : 3);
        Tensor Activation(float[] values, Shape shape) =>
            KernelLab.HalfPrecision.Store(device, values, type) with { Shape = shape };
        Tensor Vector(float value) => device.FromHost<float>(Enumerable.Repeat(value, Outputs).ToArray(), new(Outputs));
        var (pictures, filters) = (new Shape(2, 6, 6, Inputs), new Shape(Outputs, window, window, Inputs));
        var (pixels, weights) = (TestTensors.Random(pictures.Count, 1), TestTensors.Random(filters.Count, 2));
        for (var i = Inputs - 1; i < pixels.Length && offset != 0; i += Inputs)
            pixels[i] = 1;
        for (var i = Inputs - 1; i < weights.Length && offset != 0; i += Inputs)
            weights[i] = i / Inputs % (window * window) == window * window / 2 ? offset : 0;
        var y = device.Allocate(new Shape(2, extent, extent, Outputs), type);
        var normalization = device.Allocate(new Shape(4, Outputs));
        var (mean, variance) = (Vector(0), Vector(1));
        gpu.Backend.Kernels.AbnConvolutionStatistics(
            Activation(pixels, pictures), Activation(weights, filters), new ConvolutionGeometry(stride, window / 2), y,
            Vector(0.5f), Vector(0.25f), 1e-5f, 0.1f, normalization, mean, variance);
        return new Dictionary<string, float[]>
        {
            ["y"] = KernelLab.HalfPrecision.Load(device, y),
            ["normalization"] = device.ToHost<float>(normalization),
            ["mean"] = device.ToHost<float>(normalization)[..Outputs],
            ["runningMean"] = device.ToHost<float>(mean),
            ["runningVariance"] = device.ToHost<float>(variance),
        };
    }
}
