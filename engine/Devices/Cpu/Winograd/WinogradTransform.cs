using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// Winograd's minimal filtering F(4, 3) in one dimension (Winograd 1980; Lavin and Gray 2016): four outputs of a filter
/// of three from six inputs, by six multiplications instead of twelve. The outputs are A (G g * B d), with the
/// interpolation points 0, 5/8, -5/8, 3/2, -3/2 and infinity. The usual points 0, 1, -1, 2 and -2 make rounding errors
/// twice as large; with these the coefficients of A and B are exact in single precision as well.
/// </summary>
internal static class WinogradTransform
{
    /// <summary>Outputs of a tile in each direction.</summary>
    public const int Outputs = 4;

    /// <summary>Inputs of a tile in each direction.</summary>
    public const int Inputs = 6;

    /// <summary>Products of a tile.</summary>
    public const int Positions = Inputs * Inputs;

    private const float Near = 0.625f, Far = 1.5f; // the points
    private const float Near2 = Near * Near, Far2 = Far * Far;
    private const float NearScale = 1 / (2 * Near2 * (Near2 - Far2)), FarScale = 1 / (2 * Far2 * (Far2 - Near2));

    /// <summary>B d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<L>(
        L d0, L d1, L d2, L d3, L d4, L d5, out L v0, out L v1, out L v2, out L v3, out L v4, out L v5)
        where L : unmanaged, ILanes<L>
    {
        var (product, sum) = (L.Splat(Near2 * Far2), L.Splat(-(Near2 + Far2)));
        v0 = L.MultiplyAdd(d0, product, L.MultiplyAdd(d2, sum, d4));
        v5 = L.MultiplyAdd(d1, product, L.MultiplyAdd(d3, sum, d5));
        var (even, odd) = (L.MultiplyAdd(d2, L.Splat(-Far2), d4), L.MultiplyAdd(d1, L.Splat(-Far2), d3));
        v1 = L.MultiplyAdd(odd, L.Splat(Near), even);
        v2 = L.MultiplyAdd(odd, L.Splat(-Near), even);
        (even, odd) = (L.MultiplyAdd(d2, L.Splat(-Near2), d4), L.MultiplyAdd(d1, L.Splat(-Near2), d3));
        v3 = L.MultiplyAdd(odd, L.Splat(Far), even);
        v4 = L.MultiplyAdd(odd, L.Splat(-Far), even);
    }

    /// <summary>G g.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filter<L>(L g0, L g1, L g2, out L u0, out L u1, out L u2, out L u3, out L u4, out L u5)
        where L : unmanaged, ILanes<L>
    {
        u0 = g0 * L.Splat(1 / (Near2 * Far2));
        u5 = g2;
        var (even, odd) = (L.MultiplyAdd(g2, L.Splat(Near2), g0), g1 * L.Splat(Near));
        u1 = (even + odd) * L.Splat(NearScale);
        u2 = (even - odd) * L.Splat(NearScale);
        (even, odd) = (L.MultiplyAdd(g2, L.Splat(Far2), g0), g1 * L.Splat(Far));
        u3 = (even + odd) * L.Splat(FarScale);
        u4 = (even - odd) * L.Splat(FarScale);
    }

    /// <summary>
    /// The weight gradient is the minimal filtering F(3, 4) with the same points: this is its G g, of four gradients of
    /// outputs.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gradient<L>(
        L g0, L g1, L g2, L g3, out L u0, out L u1, out L u2, out L u3, out L u4, out L u5)
        where L : unmanaged, ILanes<L>
    {
        u0 = g0 * L.Splat(1 / (Near2 * Far2));
        u5 = g3;
        var even = L.MultiplyAdd(g2, L.Splat(Near2), g0);
        var odd = L.MultiplyAdd(g3, L.Splat(Near * Near2), g1 * L.Splat(Near));
        u1 = (even + odd) * L.Splat(NearScale);
        u2 = (even - odd) * L.Splat(NearScale);
        even = L.MultiplyAdd(g2, L.Splat(Far2), g0);
        odd = L.MultiplyAdd(g3, L.Splat(Far * Far2), g1 * L.Splat(Far));
        u3 = (even + odd) * L.Splat(FarScale);
        u4 = (even - odd) * L.Splat(FarScale);
    }

    /// <summary>A m of the weight gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weight<L>(L m0, L m1, L m2, L m3, L m4, L m5, out L w0, out L w1, out L w2)
        where L : unmanaged, ILanes<L>
    {
        var (nearSum, nearDifference, farSum, farDifference) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
        w0 = m0 + nearSum + farSum;
        w1 = L.MultiplyAdd(farDifference, L.Splat(Far), nearDifference * L.Splat(Near));
        w2 = L.MultiplyAdd(farSum, L.Splat(Far2), L.MultiplyAdd(nearSum, L.Splat(Near2), m5));
    }

    /// <summary>A m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<L>(L m0, L m1, L m2, L m3, L m4, L m5, out L y0, out L y1, out L y2, out L y3)
        where L : unmanaged, ILanes<L>
    {
        var (nearSum, nearDifference, farSum, farDifference) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
        y0 = m0 + nearSum + farSum;
        y1 = L.MultiplyAdd(farDifference, L.Splat(Far), nearDifference * L.Splat(Near));
        y2 = L.MultiplyAdd(farSum, L.Splat(Far2), nearSum * L.Splat(Near2));
        y3 = L.MultiplyAdd(
            farDifference, L.Splat(Far * Far2), L.MultiplyAdd(nearDifference, L.Splat(Near * Near2), m5));
    }
}
