namespace Flixstock.Engine;

/// <summary>
/// The order for pictures that lie one after the other in large files: files in random order, read from front to back,
/// and shuffled within a window that slides along, so that a disk reads nearly in sequence and batches are mixed all
/// the same. It follows from seed and epoch alone.
/// </summary>
/// <remarks>Threads: any number.</remarks>
internal sealed class ShardOrder : IEpochOrder
{
    /// <summary>Samples from which the next one is drawn.</summary>
    public const int StandardWindow = 4096;

    private readonly int[] _starts;
    private readonly ulong _seed;
    private readonly int _window;

    /// <summary>An order for files with these numbers of samples.</summary>
    /// <param name="counts">
    /// Samples of each file; the data set's samples are those of the first file, of the second, ...
    /// </param>
    /// <param name="seed">Decides the orders together with the epoch.</param>
    /// <param name="window">Samples from which the next one is drawn, 1 or more.</param>
    public ShardOrder(IReadOnlyList<int> counts, ulong seed, int window = StandardWindow)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        _starts = new int[counts.Count + 1];
        for (var i = 0; i < counts.Count; i++)
            _starts[i + 1] = _starts[i] + counts[i];
        (_seed, _window) = (seed, window);
    }

    /// <inheritdoc/>
    public void Fill(int epoch, Span<int> order)
    {
        if (order.Length != _starts[^1])
            throw new ArgumentException($"{order.Length} samples, the files have {_starts[^1]}", nameof(order));
        var random = new SeededRandom(_seed).Derive((ulong)epoch);
        var files = Enumerable.Range(0, _starts.Length - 1).ToArray();
        random.Shuffle(files.AsSpan());
        var place = 0;
        foreach (var file in files)
        {
            for (var i = _starts[file]; i < _starts[file + 1]; i++)
                order[place++] = i;
        }
        // What a reader's buffer does: draw one of the window, put the next of the file in its place.
        var buffer = order[..Math.Min(_window, order.Length)].ToArray();
        for (var i = 0; i < order.Length; i++)
        {
            var left = Math.Min(buffer.Length, order.Length - i);
            var drawn = random.Next(left);
            var next = i + buffer.Length;
            var sample = buffer[drawn];
            buffer[drawn] = next < order.Length ? order[next] : buffer[left - 1];
            order[i] = sample;
        }
    }
}
