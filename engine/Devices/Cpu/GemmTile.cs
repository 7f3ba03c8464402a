using System.Runtime.CompilerServices;

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

    /// <summary>Rows of a tile.</summary>
    public static int Rows => L.Registers >= 32 ? 12 : 6;

    /// <summary>
    /// sums[Rows, 2 registers] = sum over taps and depth of rows[tap][i][depth] * weights[tap, depth, column].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(float** rows, int taps, int depth, float* weights, float* sums)
    {
        if (L.Registers >= 32)
            MultiplyTwelve(rows, taps, depth, weights, sums);
        else
            MultiplySix(rows, taps, depth, weights, sums);
    }

    /// <summary>
    /// sums[rows, 2 registers] = sum over pixels of gradient[k + i] * source[column]: the same tile with the sum over
    /// pixels. Rows beyond the count are not written.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyPixels(PixelPair* pixels, int count, int k, int column, int rows, float* sums)
    {
        if (rows > 6)
            MultiplyPixelsTwelve(pixels, count, k, column, sums);
        else
            MultiplyPixelsSix(pixels, count, k, column, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplySix(float** rows, int taps, int depth, float* weights, float* sums)
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
        Put(a0, a1, sums, 0);
        Put(b0, b1, sums, 1);
        Put(c0, c1, sums, 2);
        Put(d0, d1, sums, 3);
        Put(e0, e1, sums, 4);
        Put(f0, f1, sums, 5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyTwelve(float** rows, int taps, int depth, float* weights, float* sums)
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
        Put(a0, a1, sums, 0);
        Put(b0, b1, sums, 1);
        Put(c0, c1, sums, 2);
        Put(d0, d1, sums, 3);
        Put(e0, e1, sums, 4);
        Put(f0, f1, sums, 5);
        Put(g0, g1, sums, 6);
        Put(h0, h1, sums, 7);
        Put(i0, i1, sums, 8);
        Put(j0, j1, sums, 9);
        Put(k0, k1, sums, 10);
        Put(l0, l1, sums, 11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyPixelsSix(PixelPair* pixels, int count, int k, int column, float* sums)
    {
        L a0 = L.Splat(0), a1 = a0;
        L b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0;
        L f0 = a0, f1 = a0;
        for (var i = 0; i < count; i++)
        {
            var left = pixels[i].Gradient + k;
            var right = pixels[i].Source + column;
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
        Put(a0, a1, sums, 0);
        Put(b0, b1, sums, 1);
        Put(c0, c1, sums, 2);
        Put(d0, d1, sums, 3);
        Put(e0, e1, sums, 4);
        Put(f0, f1, sums, 5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyPixelsTwelve(PixelPair* pixels, int count, int k, int column, float* sums)
    {
        L a0 = L.Splat(0), a1 = a0;
        L b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0;
        L f0 = a0, f1 = a0, g0 = a0, g1 = a0, h0 = a0, h1 = a0, i0 = a0, i1 = a0;
        L j0 = a0, j1 = a0, k0 = a0, k1 = a0, l0 = a0, l1 = a0;
        for (var i = 0; i < count; i++)
        {
            var left = pixels[i].Gradient + k;
            var right = pixels[i].Source + column;
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
        Put(a0, a1, sums, 0);
        Put(b0, b1, sums, 1);
        Put(c0, c1, sums, 2);
        Put(d0, d1, sums, 3);
        Put(e0, e1, sums, 4);
        Put(f0, f1, sums, 5);
        Put(g0, g1, sums, 6);
        Put(h0, h1, sums, 7);
        Put(i0, i1, sums, 8);
        Put(j0, j1, sums, 9);
        Put(k0, k1, sums, 10);
        Put(l0, l1, sums, 11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(L low, L high, float* sums, int row)
    {
        L.Store(low, sums + 2 * row * L.Count);
        L.Store(high, sums + (2 * row + 1) * L.Count);
    }
}
