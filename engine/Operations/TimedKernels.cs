using System.Reflection;

namespace Flixstock.Engine;

/// <summary>One operation of a step: how often, how long, how much.</summary>
/// <param name="Name">As in <see cref="IKernels"/>.</param>
/// <param name="Calls">Times it was called.</param>
/// <param name="Milliseconds">All calls together.</param>
/// <param name="Bytes">What its calls must read and write at least, see <see cref="OperationCost"/>.</param>
/// <param name="Operations">Multiplications and additions of convolutions and matrix products; 0 where memory is what counts.</param>
/// <param name="Shapes">Of the tensors, where calls are told apart by them; otherwise empty.</param>
public sealed record OperationTime(string Name, int Calls, double Milliseconds, long Bytes, long Operations, string Shapes = "")
{
    /// <summary>10^9 bytes a second.</summary>
    public double GigabytesPerSecond => Milliseconds > 0 ? Bytes / Milliseconds / 1e6 : 0;

    /// <summary>10^9 multiplications and additions a second.</summary>
    public double GigaflopsPerSecond => Milliseconds > 0 ? Operations / Milliseconds / 1e6 : 0;
}

/// <summary>
/// An <see cref="IKernels"/> that times every call of another one by marks in the device's work (<see cref="DeviceTimer"/>): nobody waits until the times are read. A proxy, so that a new
/// operation needs no edit here.
/// </summary>
public class TimedKernels : DispatchProxy
{
    private readonly List<Call> _calls = [];
    private IKernels _kernels = null!;
    private DeviceTimer _timer = null!;
    private bool _stopped;

    private readonly record struct Call(string Name, object?[] Arguments, int Before, int After);

    /// <summary>Times this backend's kernels; <see cref="Times"/> of the result tells, <see cref="Stop"/> must end it before the device is disposed of.</summary>
    public static IKernels Create(Backend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var proxy = Create<IKernels, TimedKernels>();
        var own = (TimedKernels)(object)proxy;
        (own._kernels, own._timer) = (backend.Kernels, backend.Device.OpenTimer());
        return proxy;
    }

    /// <summary>What was measured so far, the longest first; waits for the device.</summary>
    /// <param name="timed">Of <see cref="Create(Backend)"/>.</param>
    /// <param name="byShapes">Calls with other shapes are other entries.</param>
    public static IReadOnlyList<OperationTime> Times(IKernels timed, bool byShapes = false)
    {
        var own = Of(timed);
        var times = own._calls.GroupBy(call => (call.Name, Shapes: byShapes ? OperationCost.Shapes(call.Arguments) : "")).Select(group => new OperationTime(
            group.Key.Name, group.Count(), group.Sum(call => own._timer.Milliseconds(call.Before, call.After)),
            group.Sum(call => OperationCost.Bytes(call.Name, call.Arguments)), group.Sum(call => OperationCost.Operations(call.Name, call.Arguments)), group.Key.Shapes));
        return [.. times.OrderByDescending(time => time.Milliseconds)];
    }

    /// <summary>Forgets what was measured: after warming up.</summary>
    /// <param name="timed">Of <see cref="Create(Backend)"/>.</param>
    public static void Restart(IKernels timed)
    {
        Of(timed)._calls.Clear();
        Of(timed)._timer.Restart();
    }

    /// <summary>From now on calls pass through untimed.</summary>
    /// <param name="timed">Of <see cref="Create(Backend)"/>.</param>
    public static void Stop(IKernels timed)
    {
        var own = Of(timed);
        own._stopped = true;
        own._calls.Clear();
        own._timer.Dispose();
    }

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        if (_stopped)
        {
            targetMethod.Invoke(_kernels, BindingFlags.DoNotWrapExceptions, null, args, null);
            return null;
        }
        var before = _timer.Mark();
        targetMethod.Invoke(_kernels, BindingFlags.DoNotWrapExceptions, null, args, null);
        _calls.Add(new Call(targetMethod.Name, args!, before, _timer.Mark()));
        return null;
    }

    private static TimedKernels Of(IKernels timed) =>
        timed as TimedKernels ?? throw new ArgumentException($"{timed.GetType().Name} does not time its calls", nameof(timed));
}
