using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

/// <summary>
/// A loop for one register of channels, starting at a channel. Implementations are marked AggressiveOptimization:
/// compiled quickly first, as the runtime would, every operation on lanes is a call, and the first pictures of a short
/// command take ten times as long.
/// </summary>
internal interface IChannelKernel
{
    void Run<L>(int unit, int channel) where L : struct, ILanes<L>;
}

/// <summary>
/// Runs a kernel over all channels of each unit (a chunk of pixels, a row), in registers as wide as the processor has
/// and then narrower ones for the channels that are left. A unit is a chunk of work, so results do not depend on the
/// number of threads.
/// </summary>
internal struct ChannelSweep<T>(T kernel, int channels) : IChunkedWork where T : unmanaged, IChannelKernel
{
    private T _kernel = kernel;

    public void Execute(int chunk)
    {
        var c = 0;
        if (Vector512.IsHardwareAccelerated)
            Cover<Lanes512>(chunk, ref c);
        if (Vector256.IsHardwareAccelerated)
            Cover<Lanes256>(chunk, ref c);
        if (Vector128.IsHardwareAccelerated)
            Cover<Lanes128>(chunk, ref c);
        Cover<Lanes1>(chunk, ref c);
    }

    private void Cover<L>(int chunk, ref int channel) where L : struct, ILanes<L>
    {
        for (; channel + L.Count <= channels; channel += L.Count)
            _kernel.Run<L>(chunk, channel);
    }
}

/// <summary>
/// Divides the pixels of [N, H, W, C] into chunks: never across pictures, about as much as the second-level cache
/// takes.
/// </summary>
internal readonly struct PixelChunks
{
    private const int BytesPerChunk = 128 << 10;
    // Sums over a chunk are in single precision; more terms would cost digits.
    private const int MostPixels = 512;

    private readonly int _pixelsPerChunk;

    public PixelChunks(Shape shape)
    {
        (Channels, PixelsPerPicture, Pictures) = (shape.Channels, shape.PixelsPerPicture, shape.Batch);
        var most = Math.Clamp(BytesPerChunk / (4 * Channels), 1, MostPixels);
        PerPicture = (PixelsPerPicture + most - 1) / most;
        _pixelsPerChunk = (PixelsPerPicture + PerPicture - 1) / PerPicture;
        PerPicture = (PixelsPerPicture + _pixelsPerChunk - 1) / _pixelsPerChunk;
    }

    public int Channels { get; }
    public int PixelsPerPicture { get; }
    public int Pictures { get; }

    /// <summary>Chunks of one picture.</summary>
    public int PerPicture { get; }

    /// <summary>Chunks in all.</summary>
    public int Count => Pictures * PerPicture;

    /// <summary>The picture of a chunk.</summary>
    public int Picture(int chunk) => chunk / PerPicture;

    /// <summary>Number of pixels of a chunk.</summary>
    public int Pixels(int chunk) => Math.Min(_pixelsPerChunk, PixelsPerPicture - chunk % PerPicture * _pixelsPerChunk);

    /// <summary>Index of the first element of a chunk.</summary>
    public long Offset(int chunk) =>
        ((long)Picture(chunk) * PixelsPerPicture + chunk % PerPicture * _pixelsPerChunk) * Channels;
}
