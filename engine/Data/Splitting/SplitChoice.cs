namespace Flixstock.Engine;

/// <summary>Chooses the pictures for training (0), validation (1) and test (2): 80, 10 and 10 per cent.</summary>
internal static class SplitChoice
{
    /// <summary>Sizes of the three parts: int(0.8 n), int(0.1 n) and the rest.</summary>
    public static int[] Sizes(int count)
    {
        var training = (int)(0.8 * count);
        var validation = (int)(0.1 * count);
        return [training, validation, count - training - validation];
    }

    /// <summary>The reference's choice: sorted ordinally, shuffled as Python does, cut.</summary>
    public static string[][] Random(IEnumerable<string> files, ulong seed)
    {
        var order = files.Order(StringComparer.Ordinal).ToArray();
        new PythonRandom(seed).Shuffle(order.AsSpan());
        var sizes = Sizes(order.Length);
        return [order[..sizes[0]], order[sizes[0]..(sizes[0] + sizes[1])], order[(sizes[0] + sizes[1])..]];
    }

    /// <summary>
    /// The same parts, but none without a labelled picture if there are enough: a tenth of few pictures is none. The
    /// part with the most gives one, and takes an
    /// unlabelled one in exchange if there is one; training and validation come before test.
    /// </summary>
    public static string[][] WithoutEmptyParts(string[][] parts, Func<string, bool> labelled)
    {
        var lists = Array.ConvertAll(parts, part => part.ToList());
        for (var part = 0; part < lists.Length; part++)
        {
            if (lists[part].Exists(file => labelled(file)))
                continue;
            var counts = lists.Select(list => list.Count(labelled)).ToArray();
            var giver = counts.Max() > 1 ? Array.IndexOf(counts, counts.Max()) : part < 2 && counts[2] > 0 ? 2 : -1;
            if (giver < 0)
                continue;
            var given = lists[giver].FindLast(file => labelled(file))!;
            lists[giver].Remove(given);
            if (lists[part] is [.., var other])
            {
                lists[part].Remove(other);
                lists[giver].Add(other);
            }
            lists[part].Add(given);
        }
        return Array.ConvertAll(lists, list => list.ToArray());
    }

    /// <summary>
    /// Iterative stratification (<see cref="StratifiedDeal"/>) over all attributes, with "unknown" as a separate class.
    /// The parts have exactly the sizes of the random split.
    /// </summary>
    public static string[][] Stratified(
        IReadOnlyDictionary<string, int[]> classes, IEnumerable<string> files, AttributeTable table, ulong seed,
        CancellationToken cancellation = default)
    {
        var order = files.Order(StringComparer.Ordinal).ToArray();
        new PythonRandom(seed).Shuffle(order.AsSpan());
        var keys = Array.ConvertAll(order, file => Keys(classes.GetValueOrDefault(file), table));
        var parts = StratifiedDeal.Of(
            keys, table.ClassCount + table.Groups.Count, Sizes(order.Length), cancellation);
        return [.. Enumerable.Range(0, 3).Select(part => order.Where((_, i) => parts[i] == part).ToArray())];
    }

    /// <summary>
    /// One number per group for its class or its "unknown"; a picture without a row is unknown throughout.
    /// </summary>
    private static int[] Keys(int[]? classes, AttributeTable table) => [.. Enumerable.Range(0, table.Groups.Count)
        .Select(group =>
            table.Offset(group) + group
            + (classes is null || classes[group] < 0 ? table.Groups[group].Classes : classes[group]))];
}
