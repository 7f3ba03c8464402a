using System.Diagnostics;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Work that is timed: what <c>tools/peers/torch_peer.py</c> does too.</summary>
internal sealed class Workload(Backend backend, INetworkDescription model, int size, int steps)
{
    public const int Classes = 21;
    private const int Warmup = 2;

    public string Name => $"{model.Name} {size}";
    public INetworkDescription Model => model;
    public Backend Backend => backend;
    public int Size => size;
    public int Steps => steps;

    /// <summary>Stops between steps.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// Seconds of each step of forward passes from bytes to logits, ABN folded, and peak memory. On a GPU the bytes are
    /// there already, as the peer's pictures are.
    /// </summary>
    public (double[] Seconds, long? PeakBytes) Inference(int batch)
    {
        using var folded = Folded();
        var device = backend.Device;
        if (device.IsHost)
        {
            var (pixels, logits) = (Pixels(batch), new float[batch * Classes]);
            return Time(() => folded.Run(pixels, batch, size, size, logits));
        }
        var input = device.FromHost<byte>(Pixels(batch), new Shape(batch, size, size, 3), ElementType.UInt8);
        var result = Time(() =>
        {
            folded.Forward(input);
            device.Synchronize();
        });
        device.Free(input);
        return result;
    }

    /// <summary>
    /// Seconds of each step of forward, selective loss, backward, Adam and weight average, captured where the device
    /// captures, and peak memory.
    /// </summary>
    public (double[] Seconds, long? PeakBytes) Training(int batch)
    {
        (backend.Device as CudaDevice)?.RestartPeak();
        using var step = new WatchedStep(backend.Watched(backend.Kernels), model, batch, size, training: true);
        step.Run(); // kernels are loaded, algorithms chosen, scratch memory grows
        using var graph = backend.Graphs && backend.Device.Captures ? backend.Device.Capture(step.Run) : null;
        return Time(() =>
        {
            if (graph is null)
                step.Run();
            else
                graph.Replay();
            backend.Device.Synchronize();
        });
    }

    /// <summary>The network of <see cref="Inference"/>.</summary>
    public FoldedNetwork Folded()
    {
        (backend.Device as CudaDevice)?.RestartPeak();
        using var network = model.Create(backend);
        network.Initialize(1);
        return new FoldedNetwork(network);
    }

    /// <summary>Random RGB, [batch, size, size, 3].</summary>
    public byte[] Pixels(int batch)
    {
        var random = new SeededRandom(1);
        return Array.ConvertAll(new byte[batch * size * size * 3], _ => (byte)random.Next(256));
    }

    private (double[] Seconds, long? PeakBytes) Time(Action step)
    {
        for (var i = 0; i < Warmup; i++)
        {
            Cancellation.ThrowIfCancellationRequested();
            step();
        }
        var seconds = new double[steps];
        for (var i = 0; i < steps; i++)
        {
            Cancellation.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            step();
            seconds[i] = watch.Elapsed.TotalSeconds;
        }
        return (seconds, (backend.Device as CudaDevice)?.PeakBytes);
    }
}
