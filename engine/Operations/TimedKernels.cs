using System.Diagnostics;
using System.Reflection;

namespace Flixstock.Engine;

/// <summary>One operation of a step: how often, how long, how much.</summary>
/// <param name="Name">As in <see cref="IKernels"/>.</param>
/// <param name="Calls">Times it was called.</param>
/// <param name="Milliseconds">All calls together.</param>
/// <param name="Bytes">Of all sources and destinations, each counted once a call: what must move at least.</param>
/// <param name="Operations">Multiplications and additions of convolutions and matrix products; 0 where memory is what counts.</param>
public sealed record OperationTime(string Name, int Calls, double Milliseconds, long Bytes, long Operations)
{
    /// <summary>10^9 bytes a second.</summary>
    public double GigabytesPerSecond => Milliseconds > 0 ? Bytes / Milliseconds / 1e6 : 0;

    /// <summary>10^9 multiplications and additions a second.</summary>
    public double GigaflopsPerSecond => Milliseconds > 0 ? Operations / Milliseconds / 1e6 : 0;
}

/// <summary>
/// An <see cref="IKernels"/> that times every call of another one: waits for the device before and after, so that the sum is more than an untimed step takes.
/// A proxy, so that a new operation needs no edit here.
/// </summary>
public class TimedKernels : DispatchProxy
{
    private readonly Dictionary<string, OperationTime> _times = new(StringComparer.Ordinal);
    private IKernels _kernels = null!;
    private Device _device = null!;
    private bool _stopped;

    /// <summary>Times this backend's kernels; <see cref="Times"/> of the result tells.</summary>
    public static IKernels Create(Backend backend)
    {
        var proxy = Create<IKernels, TimedKernels>();
        var own = (TimedKernels)(object)proxy;
        (own._kernels, own._device) = (backend.Kernels, backend.Device);
        return proxy;
    }

    /// <summary>What was measured so far, the longest first.</summary>
    /// <param name="timed">Of <see cref="Create(Backend)"/>.</param>
    public static IReadOnlyList<OperationTime> Times(IKernels timed) => [.. Of(timed)._times.Values.OrderByDescending(time => time.Milliseconds)];

    /// <summary>Forgets what was measured: after warming up.</summary>
    /// <param name="timed">Of <see cref="Create(Backend)"/>.</param>
    public static void Restart(IKernels timed) => Of(timed)._times.Clear();

    /// <summary>From now on calls pass through untimed and nobody waits.</summary>
    /// <param name="timed">Of <see cref="Create(Backend)"/>.</param>
    public static void Stop(IKernels timed) => Of(timed)._stopped = true;

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        if (_stopped)
        {
            Call(targetMethod, args);
            return null;
        }
        _device.Synchronize();
        var start = Stopwatch.GetTimestamp();
        Call(targetMethod, args);
        _device.Synchronize();
        var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var old = _times.GetValueOrDefault(targetMethod.Name) ?? new OperationTime(targetMethod.Name, 0, 0, 0, 0);
        _times[targetMethod.Name] = old with
        {
            Calls = old.Calls + 1,
            Milliseconds = old.Milliseconds + milliseconds,
            Bytes = old.Bytes + OperationCost.Bytes(args!),
            Operations = old.Operations + OperationCost.Operations(targetMethod.Name, args!),
        };
        return null;
    }

    private void Call(MethodInfo method, object?[]? arguments) => method.Invoke(_kernels, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    private static TimedKernels Of(IKernels timed) =>
        timed as TimedKernels ?? throw new ArgumentException($"{timed.GetType().Name} does not time its calls", nameof(timed));
}
