namespace Flixstock.Engine;

/// <summary>
/// Iterative stratification (Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label Data", 2011): the
/// rarest key left is dealt out first, each item to the part that lacks this key most. The parts have exactly the sizes
/// that are asked for.
/// </summary>
internal static class StratifiedDeal
{
    /// <summary>Deals.</summary>
    /// <param name="keys">[items] what each item has, numbers below <paramref name="count"/>, at least one.</param>
    /// <param name="count">Number of keys.</param>
    /// <param name="sizes">[parts] which together are as many as there are items.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>[items] the part of each.</returns>
    public static int[] Of(int[][] keys, int count, IReadOnlyList<int> sizes, CancellationToken cancellation = default)
    {
        var room = sizes.ToArray();
        var having = new List<int>[count];
        for (var key = 0; key < count; key++)
            having[key] = [];
        for (var i = 0; i < keys.Length; i++)
        {
            foreach (var key in keys[i])
                having[key].Add(i);
        }

        var left = Array.ConvertAll(having, items => items.Count);
        var lacking = room
            .Select(size => left.Select(n => n * (double)size / Math.Max(keys.Length, 1)).ToArray()).ToArray();
        var parts = new int[keys.Length];
        Array.Fill(parts, -1);
        while (Rarest(left) is >= 0 and var rarest)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var i in having[rarest].Where(i => parts[i] < 0))
            {
                parts[i] = Neediest(lacking, room, rarest);
                room[parts[i]]--;
                foreach (var key in keys[i])
                {
                    left[key]--;
                    lacking[parts[i]][key]--;
                }
            }
        }

        return parts;
    }

    private static int Rarest(int[] left)
    {
        var rarest = -1;
        for (var key = 0; key < left.Length; key++)
        {
            if (left[key] > 0 && (rarest < 0 || left[key] < left[rarest]))
                rarest = key;
        }
        return rarest;
    }

    private static int Neediest(double[][] lacking, int[] room, int key)
    {
        var best = -1;
        for (var part = 0; part < room.Length; part++)
        {
            if (room[part] == 0)
                continue;
            if (best < 0 || lacking[part][key] > lacking[best][key]
                || (lacking[part][key] == lacking[best][key] && room[part] > room[best]))
            {
                best = part;
            }
        }
        return best;
    }
}
