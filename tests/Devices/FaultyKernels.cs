using System.Reflection;
using Flixstock.Engine;

namespace Flixstock.Tests.Devices;

/// <summary>Kernels that fail on purpose: told of every call, before and after it.</summary>
public class FaultyKernels : DispatchProxy
{
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private IKernels _inner = null!;
    private Action<string, int> _before = (_, _) => { };
    private Action<string, int, object?[]> _after = (_, _, _) => { };

    /// <summary>Wraps kernels.</summary>
    /// <param name="inner">Compute.</param>
    /// <param name="before">Told the name of an operation and how often it was called, this time included.</param>
    /// <param name="after">The same, and the arguments.</param>
    public static IKernels Create(
        IKernels inner, Action<string, int>? before = null, Action<string, int, object?[]>? after = null)
    {
        var proxy = Create<IKernels, FaultyKernels>();
        var self = (FaultyKernels)(object)proxy;
        self._inner = inner;
        self._before = before ?? self._before;
        self._after = after ?? self._after;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var name = targetMethod!.Name;
        var count = _calls[name] = _calls.GetValueOrDefault(name) + 1;
        _before(name, count);
        try
        {
            return targetMethod.Invoke(_inner, args);
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
            return null;
        }
        finally
        {
            _after(name, count, args ?? []);
        }
    }
}
