using System.Buffers;

namespace Flixstock.Engine;

/// <summary>
/// Where the pixels along one axis of a stretched picture come from: pixel i from scale (i + 0.5) + shift, as an affine
/// map has it. Dispose of it to give its memory back.
/// </summary>
internal readonly ref struct StretchedAxis
{
    /// <summary>Computes the places.</summary>
    /// <param name="length">Number of pixels, of the source as of the result.</param>
    /// <param name="scale">Above 0.</param>
    /// <param name="shift">In pixels.</param>
    public StretchedAxis(int length, double scale, double shift)
    {
        (Length, Places, Shares) = (length, ArrayPool<int>.Shared.Rent(length), ArrayPool<double>.Shared.Rent(length));
        for (var i = 0; i < length; i++)
        {
            // + 0: what the other axis adds to an affine map without shear
            var from = (scale * (i + 0.5)) + 0 + shift;
            First += from < 0 ? 1 : 0;
            End += from < length ? 1 : 0;
            var place = (int)Math.Floor(from - 0.5);
            (Places[i], Shares[i]) = (place, from - 0.5 - place);
        }
    }

    /// <summary>Number of pixels.</summary>
    public int Length { get; }

    /// <summary>First pixel that comes from within the picture.</summary>
    public int First { get; }

    /// <summary>The pixel after the last one that does.</summary>
    public int End { get; }

    /// <summary>[Length] the source pixel at or before the place; the array may be longer.</summary>
    public int[] Places { get; }

    /// <summary>[Length] how far the place is behind that pixel, 0 to 1; the array may be longer.</summary>
    public double[] Shares { get; }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(Places);
        ArrayPool<double>.Shared.Return(Shares);
    }
}
