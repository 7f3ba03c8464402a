using System.Reflection;

namespace Flixstock.Engine;

/// <summary>Number, time and amount of work of one operation's calls in a step.</summary>
/// <param name="Name">Name of the operation in <see cref="IKernels"/>.</param>
/// <param name="Calls">Number of calls.</param>
/// <param name="Milliseconds">Time of all calls together.</param>
/// <param name="Bytes">The least that its calls must read and write, see <see cref="OperationCost"/>.</param>
/// <param name="Operations">Multiplications and additions of convolutions and matrix products; 0 for operations that
/// memory limits.</param>
/// <param name="Shapes">Shapes of the tensors if calls are told apart by them, otherwise empty.</param>
internal sealed record OperationTime(
    string Name, int Calls, double Milliseconds, long Bytes, long Operations, string Shapes = "")
{
    /// <summary>The layers that called it, the longest first.</summary>
    public IReadOnlyList<LayerTime> Layers { get; init; } = [];

    /// <summary>
    /// The shortest, the median and the longest time over all steps that were measured, in milliseconds.
    /// </summary>
    public TimeSpread? Spread { get; init; }

    /// <summary>10^9 bytes a second.</summary>
    public double GigabytesPerSecond => Milliseconds > 0 ? Bytes / Milliseconds / 1e6 : 0;

    /// <summary>10^9 multiplications and additions a second.</summary>
    public double GigaflopsPerSecond => Milliseconds > 0 ? Operations / Milliseconds / 1e6 : 0;
}

/// <summary>Time spent in a layer.</summary>
/// <param name="Layer">Published name of the layer; empty outside of all layers, as in the optimizer.</param>
/// <param name="Phase">Phase of the step: forward, loss, backward, optimizer; empty in a forward pass alone.</param>
/// <param name="Calls">Number of calls of operations.</param>
/// <param name="Milliseconds">Time of all calls together.</param>
internal sealed record LayerTime(string Layer, string Phase, int Calls, double Milliseconds);

/// <summary>Spread of a repeated measurement, in milliseconds.</summary>
/// <param name="Least">The shortest time.</param>
/// <param name="Median">The median; of an even number of times the lower of the two in the middle, so that it is one
/// that was measured.</param>
/// <param name="Most">The longest time.</param>
internal sealed record TimeSpread(double Least, double Median, double Most)
{
    /// <summary>Half of the range, as a part of the median.</summary>
    public double Relative => Median > 0 ? (Most - Least) / 2 / Median : 0;

    /// <summary>The spread of these times.</summary>
    public static TimeSpread Of(IEnumerable<double> times)
    {
        var sorted = times.Order().ToArray();
        return new TimeSpread(sorted[0], sorted[(sorted.Length - 1) / 2], sorted[^1]);
    }
}

/// <summary>
/// An <see cref="IKernels"/> that times every call of another one by marks in the device's work
/// (<see cref="DeviceTimer"/>): nothing waits until the times are read. A proxy, so that a new
/// operation needs no edit here.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal class TimedKernels : DispatchProxy
{
    private IKernels _kernels = null!;
    private StepRecording _recording = null!;

    /// <summary>
    /// Times this backend's kernels; <see cref="Times"/> of the result tells, <see cref="Stop"/> must end it before the
    /// device is disposed of.
    /// </summary>
    public static IKernels Create(Backend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return Create(backend, new StepRecording(backend.Device.OpenTimer(), next: null));
    }

    internal static IKernels Create(Backend backend, StepRecording recording)
    {
        var proxy = Create<IKernels, TimedKernels>();
        var own = (TimedKernels)(object)proxy;
        (own._kernels, own._recording) = (backend.Kernels, recording);
        return proxy;
    }

    /// <summary>The times measured so far, the longest first; waits for the device.</summary>
    /// <param name="timed">Kernels from <see cref="Create(Backend)"/>.</param>
    /// <param name="byShapes">Calls with other shapes are other entries.</param>
    public static IReadOnlyList<OperationTime> Times(IKernels timed, bool byShapes = false)
    {
        var own = Of(timed)._recording;
        var times = own.Calls.GroupBy(call => (call.Name, Shapes: byShapes ? call.Shapes : "")).Select(
            group => new OperationTime(
                group.Key.Name, group.Count(), group.Sum(call => own.Milliseconds(call.Before, call.After)),
                group.Sum(call => call.Bytes), group.Sum(call => call.Operations), group.Key.Shapes));
        return [.. times.OrderByDescending(time => time.Milliseconds)];
    }

    /// <summary>Forgets what was measured: after warming up.</summary>
    /// <param name="timed">Kernels from <see cref="Create(Backend)"/>.</param>
    public static void Restart(IKernels timed) => Of(timed)._recording.Restart();

    /// <summary>Ends the measurement: from now on calls pass through untimed.</summary>
    /// <param name="timed">Kernels from <see cref="Create(Backend)"/>.</param>
    public static void Stop(IKernels timed) => Of(timed)._recording.Dispose();

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        _recording.Call(
            targetMethod.Name, args!,
            () => targetMethod.Invoke(_kernels, BindingFlags.DoNotWrapExceptions, null, args, null));
        return null;
    }

    private static TimedKernels Of(IKernels timed) =>
        timed as TimedKernels
        ?? throw new ArgumentException($"{timed.GetType().Name} does not time its calls", nameof(timed));
}
