namespace Flixstock.Engine;

/// <summary>
/// "Calls" that are harmless with some first arguments only: <c>getattr</c> of a scheduler, as PyTorch 1.x saves
/// OneCycleLR's way to anneal. The pair of function and first argument decides; such a call becomes a placeholder, any
/// other is refused. Nothing is executed either way.
/// </summary>
internal static class InertPairs
{
    private const string Partial = "functools.partial";
    private static readonly string[] GetAttribute = ["__builtin__.getattr", "builtins.getattr"],
        TypeOf = ["__builtin__.type", "builtins.type"];
    private static readonly string[] GetItem = ["_operator.getitem", "operator.getitem"];

    /// <summary>The functions.</summary>
    public static IEnumerable<string> Callables => [.. GetAttribute, .. TypeOf, .. GetItem, Partial];

    /// <summary>The placeholder of a call.</summary>
    /// <exception cref="InputException">The pair is not on the list; names both.</exception>
    public static TorchObject Call(PickleGlobal function, IReadOnlyList<object?> arguments)
    {
        var first = NameOf(arguments);
        // Only names are kept: a scheduler's method holds the scheduler, which holds the method.
        if (first is not null && GetAttribute.Contains(function.Name) && InertNames.HasMethods(first)
            && arguments is [_, string method] && InertNames.IsMethod(method))
        {
            return new TorchObject($"{first}.{method}");
        }

        if (TypeOf.Contains(function.Name) && arguments is [null])
            return new TorchObject("types.NoneType");
        if (first is not null && GetItem.Contains(function.Name)
            && first.StartsWith("typing.", StringComparison.Ordinal) && arguments.Count == 2)
        {
            return new TorchObject(first);
        }

        if (first is not null && function.Name == Partial)
            return new TorchObject(Partial) { Arguments = new TorchDictionary() };
        throw new InputException(
            $"it calls {function.Name} on {first ?? "something else than a class of an optimizer or scheduler"}, which "
                + $"is not among the things a file of weights may do; nothing was executed; {TorchFile.Remedy}");
    }

    // A class, or an object of one.
    private static string? NameOf(IReadOnlyList<object?> arguments) => arguments switch
    {
        [PickleGlobal { Meaning: PickleMeaning.Placeholder or PickleMeaning.List } global, ..] => global.Name,
        [PickleGlobal { Meaning: PickleMeaning.Dictionary or PickleMeaning.OrderedDictionary } global, ..] =>
            global.Name,
        [TorchObject placeholder, ..] => placeholder.TypeName,
        _ => null,
    };
}
