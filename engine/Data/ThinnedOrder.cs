namespace Flixstock.Engine;

/// <summary>
/// The order of a data set from which pictures were left out: that of the whole one, which visits every picture once,
/// without those pictures.
/// </summary>
/// <param name="whole">The order of the whole data set.</param>
/// <param name="kept">Places in the whole data set of the pictures that are left, ascending.</param>
/// <param name="count">Pictures of the whole data set.</param>
internal sealed class ThinnedOrder(IEpochOrder whole, IReadOnlyList<int> kept, int count) : IEpochOrder
{
    /// <inheritdoc/>
    public void Fill(int epoch, Span<int> order)
    {
        var all = new int[count];
        whole.Fill(epoch, all);
        var places = new int[count];
        Array.Fill(places, -1);
        for (var i = 0; i < kept.Count; i++)
            places[kept[i]] = i;
        var next = 0;
        foreach (var place in all)
        {
            if (places[place] >= 0)
                order[next++] = places[place];
        }
    }
}
