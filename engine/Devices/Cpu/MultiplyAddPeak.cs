using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// Multiply-adds in registers alone, in as many independent sums as a micro-kernel has: what no loop over memory
/// exceeds. A chunk takes about a quarter of a millisecond.
/// </summary>
/// <param name="start">What is multiplied, so that the compiler cannot compute it.</param>
/// <param name="sums">[chunks] a sum of each, so that it cannot leave the work out.</param>
internal readonly unsafe struct MultiplyAddPeak<L>(float start, float* sums) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int Sums = 12, Repetitions = 1 << 16;

    /// <summary>Multiplications and additions of a chunk.</summary>
    public static double Operations => 2.0 * Sums * Repetitions * L.Count;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int chunk)
    {
        var factor = L.Splat(start);
        L a = factor, b = factor, c = factor, d = factor, e = factor, f = factor;
        L g = factor, h = factor, i = factor, j = factor, k = factor, l = factor;
        for (var n = 0; n < Repetitions; n++)
        {
            a = L.MultiplyAdd(a, factor, factor);
            b = L.MultiplyAdd(b, factor, factor);
            c = L.MultiplyAdd(c, factor, factor);
            d = L.MultiplyAdd(d, factor, factor);
            e = L.MultiplyAdd(e, factor, factor);
            f = L.MultiplyAdd(f, factor, factor);
            g = L.MultiplyAdd(g, factor, factor);
            h = L.MultiplyAdd(h, factor, factor);
            i = L.MultiplyAdd(i, factor, factor);
            j = L.MultiplyAdd(j, factor, factor);
            k = L.MultiplyAdd(k, factor, factor);
            l = L.MultiplyAdd(l, factor, factor);
        }
        var all = stackalloc float[L.Count];
        L.Store(a + b + c + d + e + f + g + h + i + j + k + l, all);
        sums[chunk] = all[0];
    }
}
