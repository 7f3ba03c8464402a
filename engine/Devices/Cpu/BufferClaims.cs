namespace Flixstock.Engine;

/// <summary>
/// Hands out buffers to chunks that run at the same time: there are as many as threads, so that one is always free.
/// </summary>
/// <param name="taken">[count] 0, or 1 while a chunk has the buffer; zeros at first.</param>
/// <param name="count">Number of buffers: at least the number of threads.</param>
internal readonly unsafe struct BufferClaims(int* taken, int count)
{
    /// <summary>Takes a free buffer.</summary>
    /// <returns>Its number; give it back by <see cref="Return"/>.</returns>
    public int Take()
    {
        for (var i = 0; ; i = (i + 1) % count)
        {
            if (Interlocked.CompareExchange(ref taken[i], 1, 0) == 0)
                return i;
        }
    }

    /// <summary>Gives a buffer back.</summary>
    /// <param name="buffer">Its number.</param>
    public void Return(int buffer) => Volatile.Write(ref taken[buffer], 0);
}
