namespace Flixstock.Engine;

/// <summary>Assigns a prior's values to classes by their names.</summary>
internal static class PriorNames
{
    /// <summary>The values in the order of the classes.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="prior">The values.</param>
    /// <param name="names">The names of the values, each once.</param>
    /// <param name="attributes">The classes.</param>
    /// <param name="warning">Another oddity of the file, or null.</param>
    /// <exception cref="InputException">The names are not those of the classes.</exception>
    public static (float[] Prior, string? Warning) Arrange(
        string path, float[] prior, string[] names, AttributeTable attributes, string? warning)
    {
        foreach (var wanted in Spellings(attributes)
            .Where(wanted => wanted.ToHashSet(StringComparer.Ordinal).SetEquals(names)))
        {
            if (wanted.SequenceEqual(names, StringComparer.Ordinal))
                return (prior, warning);
            var places = names.Select((name, place) => (name, place)).ToDictionary(
                entry => entry.name, entry => entry.place, StringComparer.Ordinal);
            var note = $"{path}: its classes are in another order than the data set's; they are matched by name";
            return ([.. wanted.Select(name => prior[places[name]])], warning is null ? note : $"{warning}; {note}");
        }
        throw new InputException($"{path}: its classes are not the data set's: "
            + $"{ClassMatch.Difference(names, attributes.ClassNames)} in the data set; "
            + $"estimate it again with {Term.PriorFile}, or give {Term.ClassesByPosition} if only the names differ");
    }

    // As we write them; as the reference project and people do; and as we wrote them before the classes had names.
    private static IEnumerable<IReadOnlyList<string>> Spellings(AttributeTable attributes)
    {
        yield return attributes.ClassNames;
        string[] bare = [.. attributes.Groups.SelectMany(group => Enumerable.Range(0, group.Classes)
            .Select(k => group.ClassNames?[k] ?? group.ClassName(k)))];
        if (bare.Distinct(StringComparer.Ordinal).Count() == bare.Length)
            yield return bare;
        yield return [.. attributes.Groups.SelectMany(
            group => Enumerable.Range(0, group.Classes).Select(k => $"{group.Name} {k}"))];
    }
}
