using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>
/// Weight gradients on a second stream: the same bits as one after the other, whatever order the streams work in, eager
/// and captured.
/// </summary>
[Parallelizable] // a device of its own
public class OverlapTests
{
    // The third is replayed where steps are captured.
    [TestCase(Precision.Fp32, true, 3, 1)]
    [TestCase(Precision.Bf16, false, 2, 2)]
    public void StepsAreEqualInEveryOrder(Precision precision, bool captured, int steps, int seeds)
    {
        EmulatedOutcome expected;
        using (var plain = new EmulatedGpu(precision))
            expected = EmulatedSteps.Run(Serial(plain.Backend), steps);
        for (var seed = 1; seed <= seeds; seed++)
        {
            using var gpu = new EmulatedGpu(precision, new EmulatedDriverOptions(Seed: seed));
            var backend = captured ? gpu.Backend : gpu.Backend.WithoutGraphs();
            Assert.That(backend.Overlaps, Is.True);
            EmulatedSteps.Run(backend, steps).AssertSameBits(expected);
            Assert.That(gpu.Driver.Queues.Streams, Has.Count.GreaterThan(3));
        }
    }

    // What reads a gradient, or moves memory, waits for both streams.
    [TestCase("read")]
    [TestCase("synchronize")]
    [TestCase("overwrite")]
    public void WhatNeedsTheGradientWaitsForIt(string how)
    {
        using var gpu = new EmulatedGpu();
        var (device, kernels, geometry) = (gpu.Device, gpu.Backend.Kernels, new ConvolutionGeometry(1, 1));
        Tensor Random(Shape of, ulong seed) => device.FromHost<float>(TestTensors.Random(of.Count, seed), of);
        var (x, dy) = (Random(new Shape(2, 6, 6, 8), 1), Random(new Shape(2, 6, 6, 8), 2));
        var dw = device.Allocate(new Shape(8, 3, 3, 8));
        kernels.ConvolutionBackwardWeight(x, dy, geometry, dw);
        var expected = device.ToHost<float>(dw);
        for (var i = 0; i < 3; i++)
        {
            device.Clear(dw);
            kernels.ConvolutionBackwardWeightAside(x, dy, geometry, dw);
            if (how == "synchronize")
                device.Synchronize();
            else if (how == "overwrite")
                device.CopyFromHost<float>(new float[dw.Count], x);
            Assert.That(device.ToHost<float>(dw), Is.EqualTo(expected));
            device.CopyFromHost<float>(TestTensors.Random(x.Count, 1), x);
        }
    }

    // The proof of the test: operands that are overwritten too early give other numbers in some order.
    [Test]
    public void OperandsThatChangeBeforeTheJoinAreSeen()
    {
        var differs = 0;
        for (var seed = 1; seed <= 8; seed++)
        {
            using var gpu = new EmulatedGpu(options: new EmulatedDriverOptions(Seed: seed));
            var (device, kernels, geometry) = (gpu.Device, gpu.Backend.Kernels, new ConvolutionGeometry(1, 1));
            Tensor Random(Shape of, ulong draw) => device.FromHost<float>(TestTensors.Random(of.Count, draw), of);
            var (x, dy) = (Random(new Shape(2, 6, 6, 8), 1), Random(new Shape(2, 6, 6, 8), 2));
            var dw = device.Allocate(new Shape(8, 3, 3, 8));
            kernels.ConvolutionBackwardWeightAside(x, dy, geometry, dw); // chooses an algorithm
            var expected = device.ToHost<float>(dw);
            kernels.ConvolutionBackwardWeightAside(x, dy, geometry, dw);
            kernels.Fill(0, x);
            kernels.JoinAside();
            if (!device.ToHost<float>(dw).AsSpan().SequenceEqual(expected))
                differs++;
        }
        Assert.That(differs, Is.Positive);
    }

    private static Backend Serial(Backend backend) =>
        new(backend.Device, backend.Kernels, backend.Precision) { Overlaps = false };
}
