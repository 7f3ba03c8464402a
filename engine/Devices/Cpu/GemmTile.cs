using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Flixstock.Engine;

/// <summary>
/// The micro-kernel: <see cref="Rows"/> rows times 2 registers of columns. With 32 registers a tile has 12 rows, 24
/// accumulators, and reads each weight half as often as with 6; with 16 registers 6 rows, 12 accumulators, are what
/// fits, enough to hide the latency of two multiply-add units. Plain locals, because only those stay in registers.
/// </summary>
internal static unsafe class GemmTile<L> where L : unmanaged, ILanes<L>
{
    /// <summary>Rows of the largest tile of any width.</summary>
    public const int MostRows = 12;

    // Floats between a weight that is read and the one that is asked for. For one picture the weights come from main
    // memory, in pages whose borders no prefetcher of the processor crosses.
    private const int Ahead = 4096;

    private const int Narrow = 6, Medium = 8;

    /// <summary>Rows of a tile.</summary>
    public static int Rows => L.Registers >= 32 ? MostRows : Narrow;

    /// <summary>
    /// Rows of the next tile of a product without taps: 16 are two tiles of 8, not 12 and a mostly empty one.
    /// </summary>
    /// <param name="left">Rows that are left.</param>
    public static int Next(int left) =>
        Rows == MostRows && (left <= Medium || left is > MostRows and <= 2 * Medium) ? Medium : Rows;

    /// <summary>
    /// destination[count, 2 registers] takes the sum over taps and depth of rows[tap][i][depth] * weights[tap, depth,
    /// column]. A row's sum is the same bits in a tile of any size.
    /// </summary>
    /// <param name="rows">[taps, Rows] where the rows' values begin.</param>
    /// <param name="count">Rows that are wanted; a tile's rows are all written.</param>
    /// <param name="taps">Number of taps.</param>
    /// <param name="depth">Values of a tap.</param>
    /// <param name="weights">[taps, depth, 2 registers]</param>
    /// <param name="store">What becomes of the sums.</param>
    /// <param name="destination">Where the first row goes.</param>
    /// <param name="stride">Distance between rows of the destination, in elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply<S>(
        float** rows, int count, int taps, int depth, float* weights, S store, float* destination, long stride)
        where S : struct, ITileStore<L>
    {
        if (Rows == Narrow)
            MultiplySix(rows, taps, depth, weights, store, destination, stride);
        else if (count <= Medium && taps == 1)
            MultiplyEight(rows, depth, weights, store, destination, stride);
        else
            MultiplyTwelve(rows, taps, depth, weights, store, destination, stride);
    }

    /// <summary>
    /// destination[Rows, 2 registers] takes the sum over pixels of gradients[pixel][i] * sources[pixel][column]: the
    /// same tile with the sum over pixels.
    /// </summary>
    /// <param name="gradients">The first pixel's values.</param>
    /// <param name="gradientStride">Distance of the pixels' values.</param>
    /// <param name="sources">[count, 2 registers]</param>
    /// <param name="count">Number of pixels.</param>
    /// <param name="store">What becomes of the sums.</param>
    /// <param name="destination">Where the first row goes.</param>
    /// <param name="stride">Distance between rows of the destination, in elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyPixels<S>(
        float* gradients, int gradientStride, float* sources, int count, S store, float* destination, long stride)
        where S : struct, ITileStore<L>
    {
        if (L.Registers >= 32)
            MultiplyPixelsTwelve(gradients, gradientStride, sources, count, store, destination, stride);
        else
            MultiplyPixelsSix(gradients, gradientStride, sources, count, store, destination, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplySix<S>(
        float** rows, int taps, int depth, float* weights, S store, float* destination, long stride)
        where S : struct, ITileStore<L>
    {
        L a0 = L.Splat(0), a1 = a0;
        L b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0;
        L f0 = a0, f1 = a0;
        for (var tap = 0; tap < taps; tap++, rows += 6)
        {
            float* ra = rows[0], rb = rows[1], rc = rows[2], rd = rows[3], re = rows[4], rf = rows[5];
            for (long k = 0; k < depth; k++, weights += 2 * L.Count)
            {
                var left = L.Load(weights);
                var right = L.Load(weights + L.Count);
                if (Sse.IsSupported)
                    Sse.Prefetch0(weights + Ahead);
                var value = L.Splat(ra[k]);
                a0 = L.MultiplyAdd(value, left, a0);
                a1 = L.MultiplyAdd(value, right, a1);
                value = L.Splat(rb[k]);
                b0 = L.MultiplyAdd(value, left, b0);
                b1 = L.MultiplyAdd(value, right, b1);
                value = L.Splat(rc[k]);
                c0 = L.MultiplyAdd(value, left, c0);
                c1 = L.MultiplyAdd(value, right, c1);
                value = L.Splat(rd[k]);
                d0 = L.MultiplyAdd(value, left, d0);
                d1 = L.MultiplyAdd(value, right, d1);
                value = L.Splat(re[k]);
                e0 = L.MultiplyAdd(value, left, e0);
                e1 = L.MultiplyAdd(value, right, e1);
                value = L.Splat(rf[k]);
                f0 = L.MultiplyAdd(value, left, f0);
                f1 = L.MultiplyAdd(value, right, f1);
            }
        }
        store.Put(a0, a1, destination);
        store.Put(b0, b1, destination + stride);
        store.Put(c0, c1, destination + 2 * stride);
        store.Put(d0, d1, destination + 3 * stride);
        store.Put(e0, e1, destination + 4 * stride);
        store.Put(f0, f1, destination + 5 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyEight<S>(
        float** rows, int depth, float* weights, S store, float* destination, long stride)
        where S : struct, ITileStore<L>
    {
        L a0 = L.Splat(0), a1 = a0;
        L b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0;
        L f0 = a0, f1 = a0, g0 = a0, g1 = a0, h0 = a0, h1 = a0;
        float* ra = rows[0], rb = rows[1], rc = rows[2], rd = rows[3];
        float* re = rows[4], rf = rows[5], rg = rows[6], rh = rows[7];
        for (long k = 0; k < depth; k++, weights += 2 * L.Count)
        {
            var left = L.Load(weights);
            var right = L.Load(weights + L.Count);
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(weights + Ahead);
                Sse.Prefetch0(weights + Ahead + 16);
            }
            var value = L.Splat(ra[k]);
            a0 = L.MultiplyAdd(value, left, a0);
            a1 = L.MultiplyAdd(value, right, a1);
            value = L.Splat(rb[k]);
            b0 = L.MultiplyAdd(value, left, b0);
            b1 = L.MultiplyAdd(value, right, b1);
            value = L.Splat(rc[k]);
            c0 = L.MultiplyAdd(value, left, c0);
            c1 = L.MultiplyAdd(value, right, c1);
            value = L.Splat(rd[k]);
            d0 = L.MultiplyAdd(value, left, d0);
            d1 = L.MultiplyAdd(value, right, d1);
            value = L.Splat(re[k]);
            e0 = L.MultiplyAdd(value, left, e0);
            e1 = L.MultiplyAdd(value, right, e1);
            value = L.Splat(rf[k]);
            f0 = L.MultiplyAdd(value, left, f0);
            f1 = L.MultiplyAdd(value, right, f1);
            value = L.Splat(rg[k]);
            g0 = L.MultiplyAdd(value, left, g0);
            g1 = L.MultiplyAdd(value, right, g1);
            value = L.Splat(rh[k]);
            h0 = L.MultiplyAdd(value, left, h0);
            h1 = L.MultiplyAdd(value, right, h1);
        }
        store.Put(a0, a1, destination);
        store.Put(b0, b1, destination + stride);
        store.Put(c0, c1, destination + 2 * stride);
        store.Put(d0, d1, destination + 3 * stride);
        store.Put(e0, e1, destination + 4 * stride);
        store.Put(f0, f1, destination + 5 * stride);
        store.Put(g0, g1, destination + 6 * stride);
        store.Put(h0, h1, destination + 7 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyTwelve<S>(
        float** rows, int taps, int depth, float* weights, S store, float* destination, long stride)
        where S : struct, ITileStore<L>
    {
        L a0 = L.Splat(0), a1 = a0;
        L b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0;
        L f0 = a0, f1 = a0, g0 = a0, g1 = a0, h0 = a0, h1 = a0, i0 = a0, i1 = a0;
        L j0 = a0, j1 = a0, k0 = a0, k1 = a0, l0 = a0, l1 = a0;
        for (var tap = 0; tap < taps; tap++, rows += 12)
        {
            float* ra = rows[0], rb = rows[1], rc = rows[2], rd = rows[3], re = rows[4], rf = rows[5];
            float* rg = rows[6], rh = rows[7], ri = rows[8], rj = rows[9], rk = rows[10], rl = rows[11];
            for (long k = 0; k < depth; k++, weights += 2 * L.Count)
            {
                var left = L.Load(weights);
                var right = L.Load(weights + L.Count);
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(weights + Ahead);
                    Sse.Prefetch0(weights + Ahead + 16);
                }
                var value = L.Splat(ra[k]);
                a0 = L.MultiplyAdd(value, left, a0);
                a1 = L.MultiplyAdd(value, right, a1);
                value = L.Splat(rb[k]);
                b0 = L.MultiplyAdd(value, left, b0);
                b1 = L.MultiplyAdd(value, right, b1);
                value = L.Splat(rc[k]);
                c0 = L.MultiplyAdd(value, left, c0);
                c1 = L.MultiplyAdd(value, right, c1);
                value = L.Splat(rd[k]);
                d0 = L.MultiplyAdd(value, left, d0);
                d1 = L.MultiplyAdd(value, right, d1);
                value = L.Splat(re[k]);
                e0 = L.MultiplyAdd(value, left, e0);
                e1 = L.MultiplyAdd(value, right, e1);
                value = L.Splat(rf[k]);
                f0 = L.MultiplyAdd(value, left, f0);
                f1 = L.MultiplyAdd(value, right, f1);
                value = L.Splat(rg[k]);
                g0 = L.MultiplyAdd(value, left, g0);
                g1 = L.MultiplyAdd(value, right, g1);
                value = L.Splat(rh[k]);
                h0 = L.MultiplyAdd(value, left, h0);
                h1 = L.MultiplyAdd(value, right, h1);
                value = L.Splat(ri[k]);
                i0 = L.MultiplyAdd(value, left, i0);
                i1 = L.MultiplyAdd(value, right, i1);
                value = L.Splat(rj[k]);
                j0 = L.MultiplyAdd(value, left, j0);
                j1 = L.MultiplyAdd(value, right, j1);
                value = L.Splat(rk[k]);
                k0 = L.MultiplyAdd(value, left, k0);
                k1 = L.MultiplyAdd(value, right, k1);
                value = L.Splat(rl[k]);
                l0 = L.MultiplyAdd(value, left, l0);
                l1 = L.MultiplyAdd(value, right, l1);
            }
        }
        store.Put(a0, a1, destination);
        store.Put(b0, b1, destination + stride);
        store.Put(c0, c1, destination + 2 * stride);
        store.Put(d0, d1, destination + 3 * stride);
        store.Put(e0, e1, destination + 4 * stride);
        store.Put(f0, f1, destination + 5 * stride);
        store.Put(g0, g1, destination + 6 * stride);
        store.Put(h0, h1, destination + 7 * stride);
        store.Put(i0, i1, destination + 8 * stride);
        store.Put(j0, j1, destination + 9 * stride);
        store.Put(k0, k1, destination + 10 * stride);
        store.Put(l0, l1, destination + 11 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyPixelsSix<S>(
        float* left, int leftStride, float* right, int count, S store, float* destination, long stride)
        where S : struct, ITileStore<L>
    {
        L a0 = L.Splat(0), a1 = a0;
        L b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0;
        L f0 = a0, f1 = a0;
        for (; count > 0; count--, left += leftStride, right += 2 * L.Count)
        {
            var low = L.Load(right);
            var high = L.Load(right + L.Count);
            var value = L.Splat(left[0]);
            a0 = L.MultiplyAdd(value, low, a0);
            a1 = L.MultiplyAdd(value, high, a1);
            value = L.Splat(left[1]);
            b0 = L.MultiplyAdd(value, low, b0);
            b1 = L.MultiplyAdd(value, high, b1);
            value = L.Splat(left[2]);
            c0 = L.MultiplyAdd(value, low, c0);
            c1 = L.MultiplyAdd(value, high, c1);
            value = L.Splat(left[3]);
            d0 = L.MultiplyAdd(value, low, d0);
            d1 = L.MultiplyAdd(value, high, d1);
            value = L.Splat(left[4]);
            e0 = L.MultiplyAdd(value, low, e0);
            e1 = L.MultiplyAdd(value, high, e1);
            value = L.Splat(left[5]);
            f0 = L.MultiplyAdd(value, low, f0);
            f1 = L.MultiplyAdd(value, high, f1);
        }
        store.Put(a0, a1, destination);
        store.Put(b0, b1, destination + stride);
        store.Put(c0, c1, destination + 2 * stride);
        store.Put(d0, d1, destination + 3 * stride);
        store.Put(e0, e1, destination + 4 * stride);
        store.Put(f0, f1, destination + 5 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyPixelsTwelve<S>(
        float* left, int leftStride, float* right, int count, S store, float* destination, long stride)
        where S : struct, ITileStore<L>
    {
        L a0 = L.Splat(0), a1 = a0;
        L b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0;
        L f0 = a0, f1 = a0, g0 = a0, g1 = a0, h0 = a0, h1 = a0, i0 = a0, i1 = a0;
        L j0 = a0, j1 = a0, k0 = a0, k1 = a0, l0 = a0, l1 = a0;
        for (; count > 0; count--, left += leftStride, right += 2 * L.Count)
        {
            var low = L.Load(right);
            var high = L.Load(right + L.Count);
            var value = L.Splat(left[0]);
            a0 = L.MultiplyAdd(value, low, a0);
            a1 = L.MultiplyAdd(value, high, a1);
            value = L.Splat(left[1]);
            b0 = L.MultiplyAdd(value, low, b0);
            b1 = L.MultiplyAdd(value, high, b1);
            value = L.Splat(left[2]);
            c0 = L.MultiplyAdd(value, low, c0);
            c1 = L.MultiplyAdd(value, high, c1);
            value = L.Splat(left[3]);
            d0 = L.MultiplyAdd(value, low, d0);
            d1 = L.MultiplyAdd(value, high, d1);
            value = L.Splat(left[4]);
            e0 = L.MultiplyAdd(value, low, e0);
            e1 = L.MultiplyAdd(value, high, e1);
            value = L.Splat(left[5]);
            f0 = L.MultiplyAdd(value, low, f0);
            f1 = L.MultiplyAdd(value, high, f1);
            value = L.Splat(left[6]);
            g0 = L.MultiplyAdd(value, low, g0);
            g1 = L.MultiplyAdd(value, high, g1);
            value = L.Splat(left[7]);
            h0 = L.MultiplyAdd(value, low, h0);
            h1 = L.MultiplyAdd(value, high, h1);
            value = L.Splat(left[8]);
            i0 = L.MultiplyAdd(value, low, i0);
            i1 = L.MultiplyAdd(value, high, i1);
            value = L.Splat(left[9]);
            j0 = L.MultiplyAdd(value, low, j0);
            j1 = L.MultiplyAdd(value, high, j1);
            value = L.Splat(left[10]);
            k0 = L.MultiplyAdd(value, low, k0);
            k1 = L.MultiplyAdd(value, high, k1);
            value = L.Splat(left[11]);
            l0 = L.MultiplyAdd(value, low, l0);
            l1 = L.MultiplyAdd(value, high, l1);
        }
        store.Put(a0, a1, destination);
        store.Put(b0, b1, destination + stride);
        store.Put(c0, c1, destination + 2 * stride);
        store.Put(d0, d1, destination + 3 * stride);
        store.Put(e0, e1, destination + 4 * stride);
        store.Put(f0, f1, destination + 5 * stride);
        store.Put(g0, g1, destination + 6 * stride);
        store.Put(h0, h1, destination + 7 * stride);
        store.Put(i0, i1, destination + 8 * stride);
        store.Put(j0, j1, destination + 9 * stride);
        store.Put(k0, k1, destination + 10 * stride);
        store.Put(l0, l1, destination + 11 * stride);
    }
}
