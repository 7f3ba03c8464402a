using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>
/// Engines of cuDNN's graph interface: taken where they are faster, left out where anything is wrong with them, and
/// always the same numbers.
/// </summary>
[Parallelizable] // a device of its own
public class DnnGraphsTests
{
    private const double Fast = 0.02, Slow = 5; // the legacy algorithm takes 0.1
    private const int Nondeterministic = 4, TensorCore = 0;

    private readonly List<string> _notes = [];
    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _notes.Clear();
        _folder = Directory.CreateTempSubdirectory("flixstock-graphs").FullName;
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    // What the heuristic lists, and which of it is taken; -1 for none.
    private static readonly (string Name, EmulatedEngine[] Engines, int Taken)[] Lists =
    [
        ("a faster engine is taken", [new(Fast)], 0),
        ("a slower engine is not", [new(Slow)], -1),
        ("the fastest of several is taken", [new(0.05), new(Slow), new(Fast, WorkspaceBytes: 4096)], 2),
        ("what the host takes to queue one does not count: a step is captured", [new(0.05, HostMilliseconds: 3)], 0),
        ("one that cannot be planned is left out", [new(Fast, Finalizes: false), new(0.05)], 1),
        ("one that needs a newer runtime is left out", [new(Fast, Finalizes: false, PlanStatus: 3008), new(0.05)], 1),
        ("one that fails is left out", [new(Fast, Executes: false), new(0.05)], 1),
        ("one that cannot be captured is left out", [new(Fast, Captures: false), new(0.05)], 1),
        ("one that wants too much memory is left out", [new(Fast, WorkspaceBytes: 1L << 40), new(0.05)], 1),
        ("one that is not deterministic is left out", [new(Fast, Notes: [Nondeterministic]), new(0.05, Notes: [5])], 1),
        ("those that transform large tiles are left out", [
            new(Fast, Notes: [3]), new(Fast, Notes: [5, 7]), new(Fast, Notes: [5, 8]), new(0.05, Notes: [5, 6]),
        ], 3),
        ("what is left out first does not keep the others away", [
            .. Enumerable.Repeat(new EmulatedEngine(Fast, Notes: [TensorCore]), 9), new(0.05),
        ], 9),
        ("one that rounds singles is left out", [new(Fast, Notes: [TensorCore]), new(0.05)], 1),
    ];

    private static IEnumerable<string> Names() => Lists.Select(list => list.Name);

    [TestCaseSource(nameof(Names))]
    public void TheFastestThatWorksComputesTheSame(string name)
    {
        var (_, engines, taken) = Lists.Single(list => list.Name == name);
        float[] numbers;
        using (var plain = Open([]))
            numbers = Convolve(plain);
        using var gpu = Open(engines);
        foreach (var file in Directory.GetFiles(_folder))
            File.Delete(file);
        Assert.That(Convolve(gpu), Is.EqualTo(numbers));
        gpu.Dnn.EngineRuns.Clear();
        Assert.That(Convolve(gpu), Is.EqualTo(numbers));
        // Forward, data and weights once each, after the search.
        Assert.That(
            gpu.Dnn.EngineRuns.Select(run => (run.Key, run.Value)),
            Is.EqualTo(taken < 0 ? Array.Empty<(int, int)>() : new[] { (taken, 3) }));
    }

    // The nasty engine is what it says, and two runs without --deterministic differ in a bit.
    [Test]
    public void OnlyDeterministicRunsAreEqualWithEnginesThatAreNot([Values] bool deterministic)
    {
        float[] Run()
        {
            using var gpu = Open([new(Fast, Notes: [Nondeterministic])]);
            using var backend = deterministic ? null : Backend.Over(gpu.Device, Precision.Fp32);
            return Convolve(backend ?? gpu.Backend, gpu.Device);
        }
        var (one, other) = (Run(), Run());
        Assert.That(one.AsSpan().SequenceEqual(other), Is.EqualTo(deterministic));
        TestTensors.AssertClose(one, other, 1e-5 * TestTensors.Largest(one), "all but a bit");
    }

    [Test]
    public void WhatIsListedForFallbacksIsTakenWhereTheFirstListHasNothing()
    {
        using var gpu = Open([new(Fast, Notes: [TensorCore]), new(Slow)]);
        gpu.Dnn.FallbackEngines = [new(Fast, Finalizes: false), new(0.05)];
        var numbers = Convolve(gpu);
        gpu.Dnn.EngineRuns.Clear();
        Assert.That(Convolve(gpu), Is.EqualTo(numbers));
        Assert.That(gpu.Dnn.EngineRuns, Is.EqualTo(new Dictionary<int, int> { [3] = 3 }));
    }

    [Test]
    public void AnEngineComputesWhatTheLegacyInterfaceHasNoAlgorithmFor([Values(9, 3000, 3007)] int status)
    {
        float[] numbers;
        using (var plain = Open([]))
            numbers = Convolve(plain);
        foreach (var file in Directory.GetFiles(_folder))
            File.Delete(file);
        using var gpu = Open([new(Slow)]);
        gpu.Dnn.SearchStatus = status;
        Assert.That(Convolve(gpu), Is.EqualTo(numbers));
        Assert.That(gpu.Dnn.AlgorithmRuns, Is.Empty);
        Assert.That(_notes, Is.Empty);
    }

    [Test]
    public void OurOwnKernelsComputeWhatTheLibraryHasNothingFor()
    {
        EmulatedGpu.CopyKernels(_folder);
        float[] numbers;
        using (var plain = Open([], hasCompiler: true))
            numbers = Convolve(plain);
        EmulatedGpu.CopyKernels(Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName);
        using var gpu = Open([new(Fast, Notes: [TensorCore])], hasCompiler: true, cache: "other");
        gpu.Dnn.SearchStatus = 3000;
        var own = Convolve(gpu);
        TestTensors.AssertClose(own, numbers, 1e-5 * TestTensors.Largest(numbers), "own kernels");
        Assert.That(Convolve(gpu), Is.EqualTo(own));
        Assert.That(gpu.Dnn.Searches, Is.EqualTo(3), "nothing is searched for again");
        Assert.That(_notes, Has.Count.EqualTo(3).And.All.Contain("3000").And.All.Contain("none of 0 engines"));
        Assert.That(_notes[0], Does.Contain("own kernel").And.Contain("Forward of [2, 6, 6, 8]"));
    }

    [Test]
    public void AFailureThatIsNoLackOfAlgorithmsIsOne()
    {
        using var gpu = Open([new(Fast)]);
        gpu.Dnn.SearchStatus = 5000;
        Assert.That(() => Convolve(gpu), Throws.TypeOf<EngineException>().With.Message.Contain("5000"));
    }

    [Test]
    public void LegacyAlgorithmsThatTransformLargeTilesAreLeftOut()
    {
        using var gpu = Open([]);
        gpu.Dnn.Algorithms = [5, 1, 0];
        Convolve(gpu);
        Assert.That(gpu.Dnn.AlgorithmRuns.Keys, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void TheNextAlgorithmIsTakenWhereTheBestCannotBeCaptured()
    {
        using var gpu = Open([]);
        gpu.Dnn.NotCapturable = [1];
        gpu.Dnn.Algorithms = [1, 8];
        var numbers = Convolve(gpu);
        gpu.Dnn.AlgorithmRuns.Clear();
        Assert.That(Convolve(gpu), Is.EqualTo(numbers));
        Assert.That(gpu.Dnn.AlgorithmRuns.Keys, Is.EqualTo(new[] { 8 }));
    }

    [Test]
    public void EnginesThatAreNotTakenAreGivenBack()
    {
        using var one = Open([new(Fast)]);
        Convolve(one);
        using var several = Open([new(Fast), new(Slow), new(Slow)], cache: "other");
        Convolve(several);
        // Two more configurations and engines for each of three convolutions, and no plan.
        Assert.That(several.Dnn.LiveBackend, Is.EqualTo(one.Dnn.LiveBackend + 12));
    }

    [Test]
    public void TheNextProcessTakesTheEngineWithoutASearch()
    {
        float[] numbers;
        using (var first = Open([new(Slow), new(Fast)]))
            numbers = Convolve(first);
        using var second = Open([new(Slow), new(Fast)]);
        Assert.That(Convolve(second), Is.EqualTo(numbers));
        Assert.That((second.Dnn.Searches, second.Dnn.EngineRuns[1]), Is.EqualTo((0, 3)));
        Assert.That(second.Dnn.EngineRuns, Has.Count.EqualTo(1));
    }

    [Test]
    public void AnEngineThatIsGoneOrFailsIsSearchedForAgain([Values] bool gone)
    {
        float[] numbers;
        using (var first = Open([new(Slow), new(Fast)]))
            numbers = Convolve(first);
        using var second = Open(gone ? [new(Slow)] : [new(Slow), new(Fast, Executes: false)]);
        Assert.That(Convolve(second), Is.EqualTo(numbers));
        Assert.That(second.Dnn.Searches, Is.EqualTo(3));
    }

    // An engine writes its result; one with a sum after it is listed for a graph of two operations.
    [TestCase(0, -1)]
    [TestCase(Fast, 1)]
    [TestCase(Slow, -1)]
    public void AGradientIsAddedToByTheFastestThatAdds(double milliseconds, int taken)
    {
        using var plain = Open([], cache: "plain");
        using var gpu = Open([new(Fast)]);
        gpu.Dnn.FoldedEngines = milliseconds > 0 ? [new(milliseconds)] : [];
        AddGradient(gpu);
        gpu.Dnn.EngineRuns.Clear();
        var expected = AddGradient(plain);
        TestTensors.AssertClose(AddGradient(gpu), expected, 2e-6 * TestTensors.Largest(expected), "the sum");
        Assert.That(gpu.Dnn.EngineRuns.Keys, Is.EqualTo(taken < 0 ? Array.Empty<int>() : new[] { taken }));
        using var next = Open([new(Fast)]);
        next.Dnn.FoldedEngines = gpu.Dnn.FoldedEngines;
        AddGradient(next);
        Assert.That(next.Dnn.Searches, Is.Zero);
    }

    private static float[] AddGradient(EmulatedGpu gpu)
    {
        var device = gpu.Device;
        Tensor Random(Shape of, ulong seed) => device.FromHost<float>(TestTensors.Random(of.Count, seed), of);
        var (dy, w) = (Random(new Shape(2, 6, 6, 8), 3), Random(new Shape(8, 3, 3, 8), 2));
        var dx = Random(new Shape(2, 6, 6, 8), 4);
        gpu.Backend.Kernels.ConvolutionBackwardData(dy, w, new ConvolutionGeometry(1, 1), accumulate: true, dx);
        return device.ToHost<float>(dx);
    }

    [TestCase(Precision.Fp32)]
    [TestCase(Precision.Bf16)]
    public void StepsWithEnginesCapturedAndNotAreEqual(Precision precision)
    {
        EmulatedGpu.CopyKernels(_folder);
        using var gpu = Open([new(Fast, WorkspaceBytes: 1024)], precision, hasCompiler: true);
        gpu.Dnn.SummedEngines = [new(0)];
        var captured = EmulatedSteps.Run(gpu.Backend, 4);
        // Those with sums in 16 bits alone.
        Assert.That(gpu.Dnn.EngineRuns.Keys, Is.EquivalentTo(precision == Precision.Bf16 ? new[] { 0, 1 } : [0]));
        using var other = Open([new(Fast, WorkspaceBytes: 1024)], precision, hasCompiler: true);
        other.Dnn.SummedEngines = [new(0)];
        captured.AssertSameBits(EmulatedSteps.Run(other.Backend.WithoutGraphs(), 4));
    }

    [Test]
    public void DescriptorsAreGivenBack()
    {
        var gpu = Open([new(Fast)]);
        Convolve(gpu);
        Assert.That(gpu.Dnn.LiveBackend, Is.Positive);
        gpu.Dispose();
        Assert.That(gpu.Dnn.LiveBackend, Is.Zero);
    }

    private EmulatedGpu Open(
        IReadOnlyList<EmulatedEngine> engines, Precision precision = Precision.Fp32, bool hasCompiler = false,
        string cache = "")
    {
        var folder = Path.Combine(_folder, cache);
        var gpu = new EmulatedGpu(
            precision, new EmulatedDriverOptions(MemoryBytes: 64 << 20),
            usual => usual with { CacheFolder = folder, Notes = _notes.Add },
            hasCompiler: hasCompiler);
        gpu.Dnn.Engines = engines;
        return gpu;
    }

    private static float[] Convolve(EmulatedGpu gpu) => Convolve(gpu.Backend, gpu.Device);

    private static float[] Convolve(Backend backend, CudaDevice device)
    {
        var (kernels, geometry) = (backend.Kernels, new ConvolutionGeometry(2, 1));
        var (input, window, output) = (new Shape(2, 6, 6, 8), new Shape(16, 3, 3, 8), new Shape(2, 3, 3, 16));
        Tensor Random(Shape of, ulong seed) => device.FromHost<float>(TestTensors.Random(of.Count, seed), of);
        var (x, w, y, dy, dx, dw) = (
            Random(input, 1), Random(window, 2), device.Allocate(output), Random(output, 3), device.Allocate(input),
            device.Allocate(window));
        kernels.ConvolutionForward(x, w, geometry, y);
        kernels.ConvolutionBackwardData(dy, w, geometry, accumulate: false, dx);
        kernels.ConvolutionBackwardWeight(x, dy, geometry, dw);
        return [.. device.ToHost<float>(y), .. device.ToHost<float>(dx), .. device.ToHost<float>(dw)];
    }
}
