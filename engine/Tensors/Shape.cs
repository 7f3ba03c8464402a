using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// Up to four extents, slowest first: [N, H, W, C] for activations, [K, R, S, C] for convolution weights (output, row,
/// column, input), [N, C] for vectors of a batch, [C] for one value a channel. A value type, so that naming a shape
/// costs nothing in a training step.
/// </summary>
public readonly record struct Shape
{
    private readonly int _d0, _d1, _d2, _d3;

    /// <summary>[length]</summary>
    public Shape(int length) { (_d0, _d1, _d2, _d3) = (Positive(length), 1, 1, 1); Rank = 1; }

    /// <summary>[rows, columns]</summary>
    public Shape(int rows, int columns) { (_d0, _d1, _d2, _d3) = (Positive(rows), Positive(columns), 1, 1); Rank = 2; }

    /// <summary>[a, b, c]</summary>
    public Shape(int a, int b, int c) { (_d0, _d1, _d2, _d3) = (Positive(a), Positive(b), Positive(c), 1); Rank = 3; }

    /// <summary>[N, H, W, C] or [K, R, S, C]</summary>
    public Shape(int batch, int height, int width, int channels)
    {
        (_d0, _d1, _d2, _d3) = (Positive(batch), Positive(height), Positive(width), Positive(channels));
        Rank = 4;
    }

    /// <summary>Number of extents; 0 only for the default value, the shape of no tensor.</summary>
    public int Rank { get; }

    /// <summary>The extent of an axis, 0 the slowest.</summary>
    public int this[int axis] => (uint)axis >= (uint)Rank
        ? throw new ArgumentOutOfRangeException(nameof(axis), axis, $"shape {this} has {Rank} axes")
        : axis switch { 0 => _d0, 1 => _d1, 2 => _d2, _ => _d3 };

    /// <summary>N of [N, H, W, C].</summary>
    public int Batch => _d0;

    /// <summary>H of [N, H, W, C].</summary>
    public int Height => Rank == 4 ? _d1 : 1;

    /// <summary>W of [N, H, W, C].</summary>
    public int Width => Rank == 4 ? _d2 : 1;

    /// <summary>The fastest extent: C of [N, H, W, C], [N, C] and [C].</summary>
    public int Channels => Rank switch { 0 => 0, 1 => _d0, 2 => _d1, 3 => _d2, _ => _d3 };

    /// <summary>N * H * W: the number of vectors of <see cref="Channels"/>.</summary>
    public long Pixels => Rank == 0 ? 0 : Count / Channels;

    /// <summary>H * W: pixels of one picture.</summary>
    public int PixelsPerPicture => Height * Width;

    /// <summary>Number of elements.</summary>
    public long Count => Rank == 0 ? 0 : (long)_d0 * _d1 * _d2 * _d3;

    /// <summary>A text such as <c>[8, 56, 56, 64]</c>.</summary>
    public override string ToString() => Rank switch
    {
        0 => "[]",
        1 => string.Create(CultureInfo.InvariantCulture, $"[{_d0}]"),
        2 => string.Create(CultureInfo.InvariantCulture, $"[{_d0}, {_d1}]"),
        3 => string.Create(CultureInfo.InvariantCulture, $"[{_d0}, {_d1}, {_d2}]"),
        _ => string.Create(CultureInfo.InvariantCulture, $"[{_d0}, {_d1}, {_d2}, {_d3}]"),
    };

    private static int Positive(int extent) =>
        extent > 0
            ? extent
            : throw new ArgumentOutOfRangeException(nameof(extent), extent, "an extent of a shape must be positive");
}
