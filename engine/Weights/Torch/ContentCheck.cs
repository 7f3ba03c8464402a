namespace Flixstock.Engine;

/// <summary>
/// Refuses contents that cannot be traversed to the end: objects inside themselves, too deep, or more than a million
/// values when written out.
/// </summary>
internal sealed class ContentCheck
{
    private const int Deepest = 100;
    private const long MostValues = 1_000_000;
    private const long Unfinished = -1;

    // Values written out below each container; shared ones are counted wherever they occur but walked once.
    private readonly Dictionary<object, long> _sizes = new(ReferenceEqualityComparer.Instance);

    public static void Require(object? root) => new ContentCheck().Size(root, 0);

    private long Size(object? value, int depth)
    {
        if (value is PickleGlobal { Meaning: PickleMeaning.Pair } function)
        {
            throw new InputException($"its contents hold the function {function.Name}, which is not among the things a "
                + $"file of weights may hold; nothing was executed");
        }

        if (value is not (TorchDictionary or TorchList or TorchObject))
            return 1;
        if (depth > Deepest)
            throw new InputException($"its contents are nested more than {Deepest} levels deep");
        if (_sizes.TryGetValue(value, out var known))
        {
            return known != Unfinished
                ? known
                : throw new InputException("its contents hold a list or dictionary that contains itself");
        }
        _sizes[value] = Unfinished;
        long size = 1;
        foreach (var child in Children(value))
        {
            size += Size(child, depth + 1);
            if (size > MostValues)
                throw new InputException($"its contents have more than {MostValues} values");
        }
        return _sizes[value] = size;
    }

    private static IEnumerable<object?> Children(object value) => value switch
    {
        TorchDictionary dictionary =>
            dictionary.Entries.SelectMany(entry => new[] { entry.Key, entry.Value }).Append(dictionary.Attributes),
        TorchList list => list.Items,
        TorchObject placeholder => [placeholder.Arguments, placeholder.State],
        _ => [],
    };
}
