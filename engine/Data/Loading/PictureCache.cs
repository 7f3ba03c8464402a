namespace Flixstock.Engine;

/// <summary>Resized pictures that are kept in memory, as far as the limit allows.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="samples">Number of samples.</param>
/// <param name="limit">Most bytes.</param>
internal sealed class PictureCache(int samples, long limit)
{
    private readonly byte[]?[] _pictures = new byte[]?[samples];
    private long _bytes;

    /// <summary>The pixels of a sample; null: they are not kept.</summary>
    public byte[]? Find(int index) => Volatile.Read(ref _pictures[index]);

    /// <summary>Keeps a copy of a sample's pixels if there is room.</summary>
    public void Keep(int index, ReadOnlySpan<byte> pixels)
    {
        if (Interlocked.Add(ref _bytes, pixels.Length) <= limit)
            Volatile.Write(ref _pictures[index], pixels.ToArray());
        else
            Interlocked.Add(ref _bytes, -pixels.Length);
    }
}
