using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Flixstock.Engine;

/// <summary>
/// dw[k, tap, c] = sum over output pixels of dy[pixel, k] * x[source pixel of the tap, c], with the tiles of
/// <see cref="GemmTile{L}"/>: broadcasts from dy, registers over c, the long sum over pixels inside. A chunk owns a
/// group of outputs, one tap and a group of inputs for all pixels, so no partial sums have to be added between threads;
/// pixels are taken in blocks that stay in the cache, each summed on its own and then added (which also keeps the
/// rounding error of long sums down). A block is a list of pixels whose source lies inside the picture: pictures of 2x2
/// pixels make sums as long as large ones do. Its values are copied first, to lie side by side: with the distance of a
/// pixel's channels, often a power of two, they would push each other out of the cache.
/// </summary>
internal readonly unsafe struct WeightGradientGemm<L>(
    Shape input, Shape output, Shape weight, ConvolutionGeometry geometry, float* x, float* dy, float* dw)
    : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int OutputGroup = 96, InputGroup = 128, PixelsPerBlock = 192;

    // Pixels between one that is copied and the one that is asked for.
    private const int Ahead = 6;

    // Between the copies of panels and tiles, which would otherwise lie in one set of the cache.
    private const int Gap = 16;

    private int OutputGroups => (weight.Batch + OutputGroup - 1) / OutputGroup;
    private int InputGroups => (weight.Channels + InputGroup - 1) / InputGroup;
    private int Taps => weight.Height * weight.Width;

    /// <summary>Chunks of the whole gradient.</summary>
    public int Chunks => OutputGroups * InputGroups * Taps;

    /// <inheritdoc />
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int chunk)
    {
        var tap = chunk % Taps;
        var k0 = chunk / Taps % OutputGroups * OutputGroup;
        var c0 = chunk / Taps / OutputGroups * InputGroup;
        var k1 = Math.Min(k0 + OutputGroup, weight.Batch);
        var c1 = Math.Min(c0 + InputGroup, weight.Channels);
        var sums = stackalloc float[OutputGroup * InputGroup];
        new Span<float>(sums, OutputGroup * InputGroup).Clear();
        var list = stackalloc PixelPair[PixelsPerBlock];
        var count = 0;
        for (var row = 0; row < output.Batch * output.Height; row++)
        {
            var h = row % output.Height * geometry.Stride + tap / weight.Width - geometry.Padding;
            if (h < 0 || h >= input.Height)
                continue;
            for (var q = 0; q < output.Width; q++)
            {
                var w = q * geometry.Stride + tap % weight.Width - geometry.Padding;
                if (w < 0 || w >= input.Width)
                    continue;
                var source = ((long)(row / output.Height) * input.Height + h) * input.Width + w;
                list[count++] = new PixelPair(
                    dy + ((long)row * output.Width + q) * output.Channels, x + source * input.Channels);
                if (count < PixelsPerBlock)
                    continue;
                Block(list, count, k0, k1, c0, c1, sums);
                count = 0;
            }
        }
        if (count > 0)
            Block(list, count, k0, k1, c0, c1, sums);
        for (var k = k0; k < k1; k++)
            Copy(sums + (k - k0) * InputGroup, c1 - c0, dw + ((long)k * Taps + tap) * weight.Channels + c0);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(PixelPair* list, int count, int k0, int k1, int c0, int c1, float* sums)
    {
        var gradients = stackalloc float[PixelsPerBlock * OutputGroup];
        var sources = stackalloc float[(PixelsPerBlock * InputGroup) + (InputGroup / 8 * Gap)];
        Gather(list, count, k0, k1, c0, c1, gradients, sources);
        for (var c = 0; c < c1 - c0; c += 2 * L.Count, sources += (count * 2 * L.Count) + Gap)
        {
            for (var k = 0; k < k1 - k0; k += GemmTile<L>.Rows)
            {
                GemmTile<L>.MultiplyPixels(
                    gradients + k, OutputGroup, sources, count, default(AddingStore<L>), sums + k * InputGroup + c,
                    InputGroup);
            }
        }
    }

    // gradients [pixel][OutputGroup], sources [panel][pixel][2 registers]; zeros after the last output and input.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(
        PixelPair* list, int count, int k0, int k1, int c0, int c1, float* gradients, float* sources)
    {
        var panel = (count * 2 * L.Count) + Gap;
        for (var i = 0; i < count; i++)
        {
            if (i + Ahead < count)
            {
                Prefetch(list[i + Ahead].Gradient + k0, k1 - k0);
                Prefetch(list[i + Ahead].Source + c0, c1 - c0);
            }
            Copy(list[i].Gradient + k0, k1 - k0, gradients + i * OutputGroup);
            for (var k = k1 - k0; k % GemmTile<L>.Rows > 0; k++)
                gradients[i * OutputGroup + k] = 0;
            var from = list[i].Source;
            var to = sources + i * 2 * L.Count;
            var c = c0;
            for (; c + (2 * L.Count) <= c1; c += 2 * L.Count, to += panel)
            {
                L.Store(L.Load(from + c), to);
                L.Store(L.Load(from + c + L.Count), to + L.Count);
            }
            if (c == c1)
                continue;
            Copy(from + c, c1 - c, to);
            for (var rest = c1 - c; rest < 2 * L.Count; rest++)
                to[rest] = 0;
        }
    }

    // A pixel is often in a page of its own, where no prefetcher of the processor follows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* values, int count)
    {
        if (!Sse.IsSupported)
            return;
        for (var i = 0; i < count; i += 16)
            Sse.Prefetch0(values + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(float* source, int count, float* destination)
    {
        var i = 0;
        for (; i + L.Count <= count; i += L.Count)
            L.Store(L.Load(source + i), destination + i);
        for (; i < count; i++)
            destination[i] = source[i];
    }
}

/// <summary>An output pixel's gradient and the source pixel that a tap of the window meets there.</summary>
internal readonly unsafe struct PixelPair(float* gradient, float* source)
{
    /// <summary>[K] of dy</summary>
    public readonly float* Gradient = gradient;

    /// <summary>[C] of x</summary>
    public readonly float* Source = source;
}
