namespace Flixstock.KernelLab;

/// <summary>
/// The calls of one folder of <c>engine/Operations</c>, named after it: <c>AveragePoolCalls</c> for AveragePool. The
/// class is found by itself, so a file in this folder is all that a new operation needs.
/// </summary>
internal interface IOperationCalls
{
    /// <summary>Calls of all the operation's entries, in all the modes that the interface allows.</summary>
    IEnumerable<KernelCall> All();
}

/// <summary>Calls of every kernel.</summary>
internal static class KernelCalls
{
    /// <summary>The classes that hold calls, in the order of their names.</summary>
    public static readonly IReadOnlyList<IOperationCalls> Operations =
    [
        .. typeof(IOperationCalls).Assembly.GetTypes()
            .Where(type => type.IsClass && type.IsAssignableTo(typeof(IOperationCalls)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .Select(type => (IOperationCalls)Activator.CreateInstance(type)!),
    ];

    /// <summary>All calls.</summary>
    public static IEnumerable<KernelCall> All() => Operations.SelectMany(operation => operation.All());

    /// <summary>Those that the processor's kernels are compared by.</summary>
    public static IEnumerable<KernelCall> OnProcessor() => All().Where(call => call.OnProcessor);
}
