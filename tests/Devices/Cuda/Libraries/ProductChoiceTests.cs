using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>Convolutions of single pixels, which cuBLAS and cuDNN compute: the faster library does.</summary>
[NonParallelizable]
public class ProductChoiceTests
{
    private const double Fast = 0.02, Slow = 5;
    private readonly List<string> _notes = [];
    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _notes.Clear();
        _folder = Directory.CreateTempSubdirectory("flixstock-products").FullName;
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    // Forward, data and weights; a gradient that is added to is always cuBLAS's.
    [TestCase(0.5, Fast, 3, 1)]
    [TestCase(0.05, Slow, 0, 4)]
    [TestCase(0.5, Slow, 0, 1)] // a legacy algorithm takes 0.1
    [TestCase(0, Fast, 0, 4)]
    public void TheFasterLibraryComputesTheSame(double product, double engine, int engines, int products)
    {
        float[] numbers;
        using (var plain = Open(0, [], "plain"))
            numbers = Convolve(plain);
        using var gpu = Open(product, [new(engine)], "");
        Convolve(gpu);
        (gpu.Blas.Products, _) = (0, gpu.Dnn.EngineRuns.Remove(0));
        TestTensors.AssertClose(Convolve(gpu), numbers, 2e-6 * TestTensors.Largest(numbers), "all results");
        Assert.That((gpu.Dnn.EngineRuns.GetValueOrDefault(0), gpu.Blas.Products), Is.EqualTo((engines, products)));
        using var next = Open(product, [new(engine)], "");
        Convolve(next);
        Assert.That(
            (next.Dnn.EngineRuns.GetValueOrDefault(0), next.Blas.Products), Is.EqualTo((engines, products)),
            "the next process compares nothing");
    }

    [Test]
    public void WhatCuDnnHasNothingForIsCuBlas()
    {
        using var gpu = Open(0.5, [], "");
        gpu.Dnn.SearchStatus = 3000;
        Convolve(gpu);
        gpu.Blas.Products = 0;
        Convolve(gpu);
        Assert.That(gpu.Blas.Products, Is.EqualTo(4));
        Assert.That(_notes, Is.Empty, "no kernel of ours computes it");
    }

    [Test]
    public void WhatCuDnnHasNothingForAnyMoreIsCuBlasAgain()
    {
        float[] numbers;
        using (var first = Open(0.5, [new(Fast)], ""))
            numbers = Convolve(first);
        using var second = Open(0.5, [], "");
        second.Dnn.SearchStatus = 3000;
        TestTensors.AssertClose(Convolve(second), numbers, 2e-6 * TestTensors.Largest(numbers), "all results");
        Assert.That((second.Blas.Products, _notes.Count), Is.EqualTo((4, 0)));
    }

    private EmulatedGpu Open(double product, IReadOnlyList<EmulatedEngine> engines, string cache)
    {
        var folder = Path.Combine(_folder, cache);
        var gpu = new EmulatedGpu(
            Precision.Fp32, new EmulatedDriverOptions(MemoryBytes: 64 << 20),
            usual => usual with { CacheFolder = folder, Notes = _notes.Add }, hasCompiler: false);
        (gpu.Dnn.Engines, gpu.Blas.Milliseconds) = (engines, product);
        return gpu;
    }

    private static float[] Convolve(EmulatedGpu gpu)
    {
        var (device, kernels, geometry) = (gpu.Device, gpu.Backend.Kernels, new ConvolutionGeometry(1, 0));
        var (input, window, output) = (new Shape(2, 6, 6, 8), new Shape(16, 1, 1, 8), new Shape(2, 6, 6, 16));
        Tensor Random(Shape of, ulong seed) => device.FromHost<float>(TestTensors.Random(of.Count, seed), of);
        var (x, w, y, dy, dx, dw) = (
            Random(input, 1), Random(window, 2), device.Allocate(output), Random(output, 3), device.Allocate(input),
            device.Allocate(window));
        var sum = Random(input, 4);
        kernels.ConvolutionForward(x, w, geometry, y);
        kernels.ConvolutionBackwardData(dy, w, geometry, accumulate: false, dx);
        kernels.ConvolutionBackwardData(dy, w, geometry, accumulate: true, sum);
        kernels.ConvolutionBackwardWeight(x, dy, geometry, dw);
        return
        [
            .. device.ToHost<float>(y), .. device.ToHost<float>(dx), .. device.ToHost<float>(sum),
            .. device.ToHost<float>(dw),
        ];
    }
}
