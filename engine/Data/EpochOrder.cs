namespace Flixstock.Engine;

/// <summary>
/// The order in which an epoch visits the samples. It follows from the epoch's number alone, so that a run can continue
/// in the middle of an epoch; a
/// sample may come several times or not at all.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public interface IEpochOrder
{
    /// <summary>Writes the order.</summary>
    /// <param name="epoch">Number of the epoch.</param>
    /// <param name="order">[samples] to be filled with indices of samples.</param>
    void Fill(int epoch, Span<int> order);
}

/// <summary>The order of the samples, every epoch.</summary>
/// <remarks>Threads: any number.</remarks>
internal sealed class FixedOrder : IEpochOrder
{
    /// <inheritdoc/>
    public void Fill(int epoch, Span<int> order)
    {
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
    }
}

/// <summary>Every sample once, in a new random order every epoch.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="seed">Decides the orders together with the epoch.</param>
internal sealed class ShuffledOrder(ulong seed) : IEpochOrder
{
    private static readonly FixedOrder Samples = new();

    /// <inheritdoc/>
    public void Fill(int epoch, Span<int> order)
    {
        Samples.Fill(epoch, order);
        new SeededRandom(seed).Derive((ulong)epoch).Shuffle(order);
    }
}
