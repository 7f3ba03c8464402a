using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// What becomes of a row of a tile, two registers of sums, on its way to memory. A tile's loop is compiled for each
/// kind, so that sums go from registers to their destination.
/// </summary>
internal unsafe interface ITileStore<L> where L : unmanaged, ILanes<L>
{
    /// <summary>Takes a row.</summary>
    /// <param name="left">Sums of the first columns.</param>
    /// <param name="right">Sums of the others.</param>
    /// <param name="destination">Where the row begins.</param>
    void Put(L left, L right, float* destination);
}

/// <summary>y = sum.</summary>
internal readonly unsafe struct PlainStore<L> : ITileStore<L> where L : unmanaged, ILanes<L>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(L left, L right, float* destination)
    {
        L.Store(left, destination);
        L.Store(right, destination + L.Count);
    }
}

/// <summary>y += sum.</summary>
internal readonly unsafe struct AddingStore<L> : ITileStore<L> where L : unmanaged, ILanes<L>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(L left, L right, float* destination)
    {
        L.Store(left + L.Load(destination), destination);
        L.Store(right + L.Load(destination + L.Count), destination + L.Count);
    }
}

/// <summary>y = f(sum + bias + residual), f leaky with a slope.</summary>
/// <param name="bias">[columns of the tile], or null.</param>
/// <param name="residual">Addend of the destination's shape, or null.</param>
/// <param name="origin">First element of the destination.</param>
/// <param name="slope">Factor of negative values.</param>
internal readonly unsafe struct FoldedStore<L>(float* bias, float* residual, float* origin, float slope)
    : ITileStore<L> where L : unmanaged, ILanes<L>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(L left, L right, float* destination)
    {
        if (bias != null)
        {
            left += L.Load(bias);
            right += L.Load(bias + L.Count);
        }
        if (residual != null)
        {
            var addend = residual + (destination - origin);
            left += L.Load(addend);
            right += L.Load(addend + L.Count);
        }
        if (slope != 1)
        {
            var factor = L.Splat(slope);
            left = L.WhereNotNegative(left, left, left * factor);
            right = L.WhereNotNegative(right, right, right * factor);
        }
        L.Store(left, destination);
        L.Store(right, destination + L.Count);
    }
}
