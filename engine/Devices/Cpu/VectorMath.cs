using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>Functions that no instruction set has, over any width of register. Relative error below 2e-7.</summary>
internal static class VectorMath
{
    // ln 2 in two parts: the first has so few bits that n * Ln2High is exact.
    private const float Log2E = 1.44269504f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;

    /// <summary>e^x; 0 or infinity if it leaves the range of floats, and not a number if x is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Exp<L>(L x) where L : struct, ILanes<L>
    {
        x = L.Minimum(L.Splat(89), L.Maximum(L.Splat(-104), x));
        var n = L.Round(x * L.Splat(Log2E));
        var r = L.MultiplyAdd(n, L.Splat(-Ln2Low), L.MultiplyAdd(n, L.Splat(-Ln2High), x));
        // Taylor: at |r| <= ln(2)/2 the first term left out is 5e-9.
        var sum = L.MultiplyAdd(L.Splat(1f / 5040), r, L.Splat(1f / 720));
        sum = L.MultiplyAdd(sum, r, L.Splat(1f / 120));
        sum = L.MultiplyAdd(sum, r, L.Splat(1f / 24));
        sum = L.MultiplyAdd(sum, r, L.Splat(1f / 6));
        sum = L.MultiplyAdd(sum, r, L.Splat(0.5f));
        sum = L.MultiplyAdd(sum, r, L.Splat(1));
        sum = L.MultiplyAdd(sum, r, L.Splat(1));
        // 2^n in two factors, because 2^128 and 2^-150 are no floats but their products with the sum may be.
        var half = L.Round(n * L.Splat(0.5f));
        return sum * L.PowerOfTwo(half) * L.PowerOfTwo(n - half);
    }

    /// <summary>1 / (1 + e^-x)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Sigmoid<L>(L x) where L : struct, ILanes<L> => L.Splat(1) / (L.Splat(1) + Exp(L.Splat(0) - x));
}
