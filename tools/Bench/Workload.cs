using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>The work that is timed: what <c>tools/peers/torch_peer.py</c> does too.</summary>
internal sealed class Workload(Backend backend, string model, int size, int steps)
{
    private const int Classes = 21, Warmup = 2;

    public string Model => model;
    public int Size => size;
    public int Steps => steps;

    /// <summary>Seconds of each step of forward passes from bytes to logits, ABN folded.</summary>
    public double[] Inference(int batch)
    {
        using var folded = Folded();
        var (pixels, logits) = (Pixels(batch), new float[batch * Classes]);
        return Time(() => folded.Run(pixels, batch, size, size, logits));
    }

    /// <summary>Seconds of each step of forward, selective loss, backward, Adam and weight average.</summary>
    public double[] Training(int batch)
    {
        using var network = Network();
        var device = backend.Device;
        using var arena = new PlannedArena(device, StepPlan.Training(network, batch, size, size));
        var pass = backend.NewPass(arena, training: true);
        var input = device.FromHost<byte>(Pixels(batch), new Shape(batch, size, size, 3), ElementType.UInt8);
        var random = new SeededRandom(2);
        var labels = device.FromHost<sbyte>(Array.ConvertAll(new sbyte[batch * Classes], _ => (sbyte)(random.Next(3) - 1)), new Shape(batch, Classes), ElementType.Int8);
        var loss = device.Allocate(new Shape(1));
        using var adam = new Adam(backend, network.Buffer, new AdamSettings(), new OneCycleSchedule(2e-4, 1000));
        var seconds = Time(() =>
        {
            StepPlan.Train(network, pass, input, (logits, gradient) =>
                backend.Kernels.SelectiveLoss(logits, labels, ReadOnlyTensor.None, SelectiveLossOptions.Default, loss, gradient, Tensor.None));
            adam.Step(loss);
        });
        foreach (var tensor in new[] { input, labels, loss })
            device.Free(tensor);
        return seconds;
    }

    /// <summary>The network of <see cref="Inference"/>.</summary>
    public FoldedNetwork Folded()
    {
        using var network = Network();
        return new FoldedNetwork(network);
    }

    /// <summary>Random RGB, [batch, size, size, 3].</summary>
    public byte[] Pixels(int batch)
    {
        var random = new SeededRandom(1);
        return Array.ConvertAll(new byte[batch * size * size * 3], _ => (byte)random.Next(256));
    }

    private TResNet Network()
    {
        var network = new TResNet(backend, TResNetOptions.Variant(model, Classes));
        network.Initialize(1);
        return network;
    }

    private double[] Time(Action step)
    {
        for (var i = 0; i < Warmup; i++)
            step();
        var seconds = new double[steps];
        for (var i = 0; i < steps; i++)
        {
            var watch = Stopwatch.StartNew();
            step();
            seconds[i] = watch.Elapsed.TotalSeconds;
        }
        return seconds;
    }
}
