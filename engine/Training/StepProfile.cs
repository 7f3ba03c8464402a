using System.Diagnostics;

namespace Flixstock.Engine;

/// <summary>What <see cref="StepProfile"/> found.</summary>
/// <param name="Operations">Of one step, the longest first.</param>
/// <param name="StepMilliseconds">Of one step without timing its parts, the median of several.</param>
/// <param name="CopyGigabytesPerSecond">Read and written by a copy on the same device in the same run.</param>
/// <param name="PeakGigaflopsPerSecond">Of a large 1x1 convolution on the same device in the same run, in the same precision.</param>
/// <param name="ArenaBytes">Memory of the step's activations.</param>
public sealed record StepProfileReport(
    IReadOnlyList<OperationTime> Operations, double StepMilliseconds, double CopyGigabytesPerSecond, double PeakGigaflopsPerSecond, long ArenaBytes);

/// <summary>Times every operation of a training step or a forward pass, and what the device can do at most.</summary>
public static class StepProfile
{
    private const int Repetitions = 3;

    /// <summary>Measures a network with random weights on a batch of noise.</summary>
    /// <param name="backend">Where.</param>
    /// <param name="options">Which network.</param>
    /// <param name="batch">Pictures.</param>
    /// <param name="imageSize">Height and width in pixels.</param>
    /// <param name="training">A training step, or a forward pass with folded norms.</param>
    public static StepProfileReport Measure(Backend backend, TResNetOptions options, int batch, int imageSize, bool training)
    {
        var timed = TimedKernels.Create(backend);
        var watched = new Backend(backend.Device, timed, backend.Precision) { Graphs = false };
        using var network = new TResNet(watched, options);
        network.Initialize(1);
        var input = Noise(backend.Device, new Shape(batch, imageSize, imageSize, 3));
        var (step, bytes, release) = training ? TrainingStep(watched, network, input) : InferenceStep(watched, network, input);
        try
        {
            step();
            backend.Device.Synchronize();
            TimedKernels.Restart(timed);
            step();
            var operations = TimedKernels.Times(timed);
            TimedKernels.Stop(timed);
            var whole = Median(backend.Device, step);
            return new StepProfileReport(operations, whole, CopySpeed(backend), ProductSpeed(backend), bytes);
        }
        finally
        {
            release();
            backend.Device.Free(input);
        }
    }

    private static (Action Step, long Bytes, Action Release) TrainingStep(Backend backend, TResNet network, Tensor input)
    {
        var shape = input.Shape;
        var arena = new PlannedArena(backend.Device, StepPlan.Training(network, shape.Batch, shape.Height, shape.Width));
        var adam = new Adam(backend, network.Buffer, new AdamSettings(), new OneCycleSchedule(1e-6, 100));
        var labels = backend.Device.Allocate(new Shape(shape.Batch, network.Options.Classes), ElementType.Int8);
        backend.Device.Clear(labels);
        var loss = backend.Device.Allocate(new Shape(1));
        var pass = backend.NewPass(arena, training: true);
        void Loss(Tensor logits, Tensor gradient) =>
            backend.Kernels.SelectiveLoss(logits, labels, Tensor.None, SelectiveLossOptions.Default, loss, gradient, Tensor.None);
        void Step()
        {
            StepPlan.Train(network, pass, input, Loss);
            adam.Step(loss);
        }
        void Release()
        {
            adam.Dispose();
            backend.Device.Free(labels);
            backend.Device.Free(loss);
            arena.Dispose();
        }
        return (Step, arena.Bytes, Release);
    }

    private static (Action Step, long Bytes, Action Release) InferenceStep(Backend backend, TResNet network, Tensor input)
    {
        var folded = new FoldedNetwork(network);
        return (() => folded.Forward(input), 0, folded.Dispose);
    }

    private static double Median(Device device, Action work)
    {
        var times = new double[Repetitions];
        for (var i = 0; i < Repetitions; i++)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            device.Synchronize();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[Repetitions / 2];
    }

    // Larger than any cache.
    private static double CopySpeed(Backend backend)
    {
        var shape = new Shape(backend.Device.IsHost ? 1 << 24 : 1 << 27);
        var (from, to) = (backend.Device.Allocate(shape), backend.Device.Allocate(shape));
        backend.Kernels.Fill(1, from);
        backend.Kernels.Copy(from, to);
        var milliseconds = Median(backend.Device, () => backend.Kernels.Copy(from, to));
        backend.Device.Free(from);
        backend.Device.Free(to);
        return 2 * from.Bytes / milliseconds / 1e6;
    }

    private static double ProductSpeed(Backend backend)
    {
        var extent = backend.Device.IsHost ? 512 : 4096;
        var activations = new Shape(1, 64, extent / 64, extent);
        var (x, y) = (backend.Device.Allocate(activations, backend.ActivationType), backend.Device.Allocate(activations, backend.ActivationType));
        var weight = backend.Device.Allocate(new Shape(extent, 1, 1, extent), backend.ActivationType);
        backend.Kernels.Fill(0.5f, x);
        backend.Kernels.Fill(0.25f, weight);
        void Product() => backend.Kernels.ConvolutionForward(x, weight, new ConvolutionGeometry(1, 0), y);
        Product();
        var milliseconds = Median(backend.Device, Product);
        foreach (var tensor in new[] { x, y, weight })
            backend.Device.Free(tensor);
        return 2.0 * extent * extent * extent / milliseconds / 1e6;
    }

    private static Tensor Noise(Device device, Shape shape)
    {
        var random = new SeededRandom(1);
        var pixels = new byte[shape.Count];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)random.Next(256);
        return device.FromHost<byte>(pixels, shape, ElementType.UInt8);
    }
}
