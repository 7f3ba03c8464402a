using System.Runtime.InteropServices;
using Flixstock.Engine;

namespace Flixstock.Tests.Devices;

/// <summary>
/// Predictors of several threads on one CUDA device, on the emulated driver, which throws at every race and every
/// access to memory that was freed.
/// </summary>
public sealed class SharedGpuTests
{
    private const int Threads = 3, Calls = 2;

    [Test]
    public void PredictorsOfSeveralThreadsGiveTheSerialResultsAndMayGoInTheMiddle()
    {
        using var gpu = new EmulatedGpu();
        var predictors = Enumerable.Range(0, 2)
            .Select(i => new Predictor(Tiny(i), gpu.Backend, new PredictorOptions { BatchSize = 1 })).ToArray();
        var picture = TemporaryFolder.SmallPicture(1);
        var alone = predictors.Select(predictor => predictor.Predict(picture).Probabilities).ToArray();
        var refused = 0;
        var calls = Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(() =>
        {
            for (var call = 0; call < Calls; call++)
            {
                if (thread == 0 && call == 1)
                    predictors[0].Dispose();
                var which = (thread + call) % predictors.Length;
                try
                {
                    Assert.That(predictors[which].Predict(picture).Probabilities, Is.EqualTo(alone[which]));
                }
                catch (ObjectDisposedException) when (which == 0)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        Assert.That(() => Task.WaitAll(calls), Throws.Nothing);
        Assert.That(() => predictors[0].Predict(picture), Throws.TypeOf<ObjectDisposedException>());
        predictors[1].Dispose();
    }

    [Test]
    public void TheDeviceMayGoWhileOthersPredict()
    {
        using var gpu = new EmulatedGpu();
        var predictor = new Predictor(Tiny(1), gpu.Backend, new PredictorOptions { BatchSize = 1 });
        var picture = TemporaryFolder.SmallPicture(1);
        var alone = predictor.Predict(picture).Probabilities;
        var calls = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() =>
        {
            for (var call = 0; call < 2; call++)
            {
                try
                {
                    Assert.That(predictor.Predict(picture).Probabilities, Is.EqualTo(alone));
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        gpu.Backend.Dispose();
        Assert.That(() => Task.WaitAll(calls), Throws.Nothing);
        Assert.That(() => predictor.Predict(picture), Throws.TypeOf<ObjectDisposedException>());
        predictor.Dispose();
    }

    [Test]
    public void WhatIsDisposedOfOnADeviceRefusesCalls()
    {
        using var gpu = new EmulatedGpu();
        var tensor = gpu.Device.Allocate(new Shape(4));
        var (captured, channel) = (gpu.Device.Capture(() => gpu.Device.Clear(tensor)), gpu.Device.OpenInputChannel(16));
        var timer = gpu.Device.OpenTimer();
        foreach (var made in new IDisposable[] { captured, channel, timer })
        {
            made.Dispose();
            made.Dispose();
        }
        Assert.Multiple(() =>
        {
            Assert.That(captured.Replay, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(channel.Begin, Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => channel.Send<float>([1, 2, 3, 4], tensor), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(timer.Mark, Throws.TypeOf<ObjectDisposedException>());
        });
    }

    [Test]
    public void AChannelAnswersWithAWholeTensorOfItsTime()
    {
        using var gpu = new EmulatedGpu();
        var tensor = gpu.Device.FromHost<float>([1, 2, 3, 4], new Shape(4));
        using var channel = gpu.Device.OpenInputChannel(16, answer: 12);
        channel.Begin();
        channel.AskAll(tensor.Slice(1, new Shape(3)));
        channel.Release();
        gpu.Device.Clear(tensor);
        Assert.That(MemoryMarshal.Cast<byte, float>(channel.AnswerAll()).ToArray(), Is.EqualTo(new[] { 2f, 3, 4 }));
        Assert.That(() => channel.AskAll(tensor), Throws.ArgumentException, "there is no room for 16 bytes");
    }

    private static Checkpoint Tiny(int seed)
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(
            backend, new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.0625, Classes = 3 });
        network.Initialize((ulong)seed + 1);
        return new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = AttributeTable.OfClasses(["a", "b", "c"]),
            Preparation = new(32),
        };
    }
}
