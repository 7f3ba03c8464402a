using System.Reflection;
using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Models;

/// <summary>
/// Predictors on one backend, called and disposed of by many threads; the long form is tools/Survival.
/// </summary>
public class SharedBackendTests
{
    private const int Predictors = 4, Threads = 4, Calls = 12;

    [Test]
    public void SharedBackendsGiveTheSerialResults([Values(1, 2)] int workers)
    {
        using var backend = Backend.Cpu(workers);
        AssertSerialResults(backend);
    }

    [Test]
    public void SoDoDevicesThatCaptureTheirWork()
    {
        using var backend = DeviceDouble.Open(8);
        AssertSerialResults(backend);
    }

    [Test]
    public void KernelsMayBeCalledFromSeveralThreads()
    {
        using var backend = Backend.Cpu(1);
        var shape = new Shape(2, 12, 12, 16);
        var weights = Enumerable.Range(0, Threads).Select(i => Random(backend, new Shape(32, 3, 3, 16), i)).ToArray();
        var input = Random(backend, shape, 99);
        var outputs = weights.Select(_ => backend.Device.Allocate(new Shape(2, 12, 12, 32))).ToArray();
        void Convolve(int i) =>
            backend.Kernels.ConvolutionForward(input, weights[i], new ConvolutionGeometry(1, 1), outputs[i]);
        var alone = weights.Select((_, i) =>
        {
            Convolve(i);
            return backend.Device.ToHost<float>(outputs[i]);
        }).ToArray();
        OnThreads(Threads, i =>
        {
            for (var call = 0; call < 50; call++)
            {
                Convolve(i);
                Assert.That(backend.Device.ToHost<float>(outputs[i]), Same.As(alone[i]));
            }
        });
    }

    [Test]
    public void DisposingOfOnePredictorLeavesTheOthersAlone()
    {
        using var backend = Backend.Cpu(2);
        var checkpoints = Enumerable.Range(0, Predictors).Select(MakeCheckpoint).ToArray();
        var predictors = checkpoints.Select(checkpoint => new Predictor(checkpoint, backend)).ToArray();
        var picture = Noise(1);
        var alone = predictors.Select(predictor => predictor.Predict(picture).Probabilities).ToArray();
        var refused = 0;
        OnThreads(Threads * 2, thread =>
        {
            for (var call = 0; call < Calls; call++)
            {
                if (thread == 0 && call == Calls / 2)
                    predictors[0].Dispose();
                var which = (thread + call) % Predictors;
                try
                {
                    Assert.That(predictors[which].Predict(picture).Probabilities, Is.EqualTo(alone[which]));
                }
                catch (ObjectDisposedException) when (which == 0)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        });
        Assert.Multiple(() =>
        {
            Assert.That(() => predictors[0].Predict(picture), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(predictors[1].Predict(picture).Probabilities, Is.EqualTo(alone[1]));
        });
        foreach (var predictor in predictors)
            predictor.Dispose();
    }

    [Test]
    public void DisposingWaitsForTheCallThatIsRunning([Values] bool ofTheBackend)
    {
        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        using var cpu = Backend.Cpu(1);
        var backend = new Backend(cpu.Device, WaitingKernels.Create(cpu.Kernels, inside, leave));
        var predictor = new Predictor(MakeCheckpoint(1), backend);
        var picture = Noise(1);
        var call = Task.Run(() => predictor.Predict(picture).Probabilities);
        inside.Wait();
        var disposal = Task.Run(ofTheBackend ? backend.Dispose : predictor.Dispose);
        Assert.That(disposal.IsCompleted, Is.False, "the call is still inside");
        leave.Set();
        Assert.That(call.Result, Has.All.InRange(0f, 1f), "the call that was running ends as if nothing had been");
        disposal.Wait();
        Assert.That(() => predictor.Predict(picture), Throws.TypeOf<ObjectDisposedException>());
        predictor.Dispose();
        predictor.Dispose();
    }

    [Test]
    public void APredictorOfItsOwnBackendRefusesCallsAfterItsDisposal()
    {
        var predictor = new Predictor(MakeCheckpoint(1));
        predictor.Dispose();
        Assert.That(() => predictor.Predict(Noise(1)), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void ATrainingAndPredictorsShareABackend()
    {
        using var backend = Backend.Cpu(2);
        var expected = EmulatedSteps.Run(backend, 6);
        using var predictor = new Predictor(MakeCheckpoint(1), backend);
        var picture = Noise(1);
        var alone = predictor.Predict(picture).Probabilities;
        OnThreads(3, thread =>
        {
            if (thread == 0)
            {
                EmulatedSteps.Run(backend, 6).AssertSameBits(expected);
            }
            else
            {
                Assert.That(
                    Enumerable.Range(0, Calls).Select(_ => predictor.Predict(picture).Probabilities),
                    Has.All.EqualTo(alone));
            }
        });
    }

    private static void AssertSerialResults(Backend backend)
    {
        var predictors = Enumerable.Range(0, Predictors)
            .Select(i => new Predictor(MakeCheckpoint(i), backend, new PredictorOptions { BatchSize = 2 })).ToArray();
        var pictures = Enumerable.Range(0, 3).Select(Noise).ToArray();
        var alone = predictors.Select(predictor => predictor.Predict(pictures)
            .Select(prediction => prediction.Probabilities).ToArray()).ToArray();
        OnThreads(Threads, thread =>
        {
            for (var call = 0; call < Calls; call++)
            {
                var which = (thread + call) % Predictors;
                Assert.That(
                    predictors[which].Predict(pictures).Select(prediction => prediction.Probabilities),
                    Is.EqualTo(alone[which]));
            }
        });
        foreach (var predictor in predictors)
            predictor.Dispose();
    }

    // Threads of their own: the pool would start them one by one. The first failure is thrown here.
    private static void OnThreads(int count, Action<int> work)
    {
        using var start = new Barrier(count);
        var failures = new Exception?[count];
        var threads = Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                work(i);
            }
#pragma warning disable CA1031 // kept, and thrown below
            catch (Exception e)
#pragma warning restore CA1031
            {
                failures[i] = e;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (failures.OfType<Exception>().FirstOrDefault() is { } failure)
            throw new AssertionException(failure.Message, failure);
    }

    private static Checkpoint MakeCheckpoint(int seed)
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, new TResNetOptions
        {
            Name = "tiny",
            Layers = [1, 1, 1, 1],
            Width = 0.25,
            Classes = AttributeTable.Garments.ClassCount,
        });
        network.Initialize((ulong)seed + 1);
        return new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = AttributeTable.Garments,
            Preparation = new(32),
        };
    }

    private static RgbPicture Noise(int seed)
    {
        var picture = new RgbPicture(40 + seed, 33);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }

    private static Tensor Random(Backend backend, Shape shape, int seed)
    {
        var random = new Random(seed);
        return backend.Device.FromHost<float>(
            [.. Enumerable.Range(0, (int)shape.Count).Select(_ => random.NextSingle() - 0.5f)], shape);
    }

    /// <summary>Kernels of which the first convolution of a folded network waits.</summary>
    public class WaitingKernels : DispatchProxy
    {
        private IKernels _kernels = null!;
        private ManualResetEventSlim _inside = null!, _leave = null!;

        public static IKernels Create(IKernels kernels, ManualResetEventSlim inside, ManualResetEventSlim leave)
        {
            var proxy = Create<IKernels, WaitingKernels>();
            var own = (WaitingKernels)(object)proxy;
            (own._kernels, own._inside, own._leave) = (kernels, inside, leave);
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IKernels.ConvolutionFolded))
            {
                _inside.Set();
                _leave.Wait();
            }
            return targetMethod.Invoke(_kernels, BindingFlags.DoNotWrapExceptions, null, args, null);
        }
    }
}
