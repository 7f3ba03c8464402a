namespace Flixstock.Engine;

/// <summary>
/// The classes of OpenImages: identifiers as <c>/m/0k4j</c> in the order of the network's outputs, and their names.
/// </summary>
internal sealed class OpenImagesClasses
{
    private OpenImagesClasses(List<string> identifiers, IReadOnlyDictionary<string, string>? descriptions)
    {
        Identifiers = identifiers;
        Descriptions = descriptions;
        Index = new Dictionary<string, int>(identifiers.Count, StringComparer.Ordinal);
        foreach (var identifier in identifiers)
            Index.Add(identifier, Index.Count);
        Attributes = AttributeTable.OfClasses(Names(identifiers, descriptions));
    }

    public IReadOnlyList<string> Identifiers { get; }

    /// <summary>Every identifier with its name; null if no file describes them.</summary>
    public IReadOnlyDictionary<string, string>? Descriptions { get; }

    /// <summary>Number of the output by identifier.</summary>
    public Dictionary<string, int> Index { get; }

    public AttributeTable Attributes { get; }

    /// <summary>
    /// The classes to learn in the order of their list; without it all that are described, in that file's order.
    /// </summary>
    public static OpenImagesClasses Read(OpenImagesFiles files)
    {
        var descriptions = files.Descriptions is { } path ? ClassDescriptions.Read(path) : null;
        return new OpenImagesClasses(
            files.Trainable is { } list ? ReadList(list, descriptions) : [.. descriptions!.Keys], descriptions);
    }

    private static List<string> ReadList(string path, IReadOnlyDictionary<string, string>? descriptions)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var row = 0;
        foreach (var line in TextFile.ReadLines(path))
        {
            row++;
            var identifier = line.Trim();
            if (identifier.Length == 0)
                continue;
            if (descriptions?.ContainsKey(identifier) == false)
            {
                throw new InputException($"{path}: row {row}: the class '{identifier}' is not among the class "
                    + $"descriptions; add it there or remove the row");
            }
            if (!seen.TryAdd(identifier, row))
            {
                throw new InputException($"{path}: row {row}: the class '{identifier}' was already named in row "
                    + $"{seen[identifier]}; remove one");
            }
        }
        return seen.Count > 0
            ? [.. seen.Keys]
            : throw new InputException(
                $"{path}: the list of classes is empty; write an identifier as /m/0k4j in every row");
    }

    // Some names belong to several classes: those get their identifier added.
    private static List<string> Names(List<string> identifiers, IReadOnlyDictionary<string, string>? descriptions)
    {
        var names = identifiers.ConvertAll(
            identifier => descriptions?.GetValueOrDefault(identifier) is { Length: > 0 } name ? name : identifier);
        var often = names.CountBy(name => name, StringComparer.Ordinal).Where(pair => pair.Value > 1)
            .Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);
        return [.. names.Select((name, k) => often.Contains(name) ? $"{name} ({identifiers[k]})" : name)];
    }
}
