using System.Reflection;

namespace Flixstock.Engine;

/// <summary>
/// An <see cref="IKernels"/> that computes nothing: a dry step over it and a <see cref="RecordingArena"/> records every
/// request and release of memory. A proxy, so that a new operation needs no edit here.
/// </summary>
/// <remarks>Threads: any number.</remarks>
internal class NullKernels : DispatchProxy
{
    /// <summary>A new table of operations that do nothing.</summary>
    public static IKernels Create() => Create<IKernels, NullKernels>();

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => null;
}
