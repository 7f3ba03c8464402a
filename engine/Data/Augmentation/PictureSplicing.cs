using System.Buffers;

namespace Flixstock.Engine;

/// <summary>
/// Pictures that are put together from several others, made smaller, in a grid, and their labels: the union of the
/// tiles' labels. With labels that may be unknown it has three values, which no publication has: 1 if a tile has 1, 0
/// only if all have 0, else unknown. A tile that stays black has no labels.
/// </summary>
internal static class PictureSplicing
{
    private const double Rounding = 1e-9; // 0.29 x 100 is a little less than 29

    /// <summary>Mixed pictures that a batch gets: rounded down, and none of a single picture.</summary>
    /// <param name="pictures">Pictures of the batch.</param>
    /// <param name="share">Mixed pictures for each of them, from 0 to 1.</param>
    public static int Extra(int pictures, double share) =>
        pictures < 2 ? 0 : (int)Math.Floor((pictures * share) + Rounding);

    /// <summary>
    /// Puts a picture together. Borders of tiles lie at whole pixels, rounded down; empty tiles are black.
    /// </summary>
    /// <param name="pictures">[pictures, size, size, 3]</param>
    /// <param name="size">Height and width in pixels, of the new picture too.</param>
    /// <param name="grid">The grid.</param>
    /// <param name="tiles">[tiles] row by row, a picture or <see cref="SpliceTiles.Empty"/>.</param>
    /// <param name="filter">The filter that makes pictures smaller.</param>
    /// <param name="mixed">[size, size, 3], overwritten.</param>
    public static void Paint(
        ReadOnlySpan<byte> pictures, int size, SpliceTiles grid, ReadOnlySpan<int> tiles, ResizeFilter filter,
        Span<byte> mixed)
    {
        var bytes = size * size * 3;
        var scratch = ArrayPool<byte>.Shared.Rent(bytes);
        for (var tile = 0; tile < grid.Count; tile++)
        {
            var (row, column) = (tile / grid.Columns, tile % grid.Columns);
            var (top, bottom) = (row * size / grid.Rows, (row + 1) * size / grid.Rows);
            var (left, right) = (column * size / grid.Columns, (column + 1) * size / grid.Columns);
            var stride = (right - left) * 3;
            var small = scratch.AsSpan(0, (bottom - top) * stride);
            if (tiles[tile] == SpliceTiles.Empty)
            {
                small.Clear();
            }
            else
            {
                PictureResizer.Resize(
                    pictures.Slice(tiles[tile] * bytes, bytes), size, size, right - left, bottom - top, filter, small);
            }
            for (var y = top; y < bottom; y++)
                small.Slice((y - top) * stride, stride).CopyTo(mixed[((y * size + left) * 3)..]);
        }
        ArrayPool<byte>.Shared.Return(scratch);
    }

    /// <summary>The union of labels: 1 if any tile has 1, 0 if all have 0, else -1, unknown.</summary>
    /// <param name="labels">[pictures, classes] 1, 0, -1 if unknown.</param>
    /// <param name="tiles">Pictures; <see cref="SpliceTiles.Empty"/> among them count for nothing.</param>
    /// <param name="union">[classes], overwritten.</param>
    public static void Union(ReadOnlySpan<sbyte> labels, ReadOnlySpan<int> tiles, Span<sbyte> union)
    {
        union.Clear();
        foreach (var picture in tiles)
        {
            if (picture == SpliceTiles.Empty)
                continue;
            var own = labels.Slice(picture * union.Length, union.Length);
            for (var k = 0; k < own.Length; k++)
                union[k] = Either(union[k], own[k]);
        }
    }

    /// <summary>The union of two labels.</summary>
    /// <param name="one">1, 0, -1 if unknown.</param>
    /// <param name="other">1, 0, -1 if unknown.</param>
    public static sbyte Either(sbyte one, sbyte other) =>
        one == 1 || other == 1 ? (sbyte)1 : Math.Min(one, other);

    /// <summary>
    /// The union of soft targets: the probability that a class is in any tile if it is in each by its own chance, 1 -
    /// the product of 1 - t; 1 if any is 1, else unknown if any is. Where all are 1, 0 or -1 it is that of labels.
    /// </summary>
    /// <param name="targets">[pictures, classes] from 0 to 1, -1 if unknown.</param>
    /// <param name="tiles">Pictures; <see cref="SpliceTiles.Empty"/> among them count for nothing.</param>
    /// <param name="union">[classes], overwritten.</param>
    public static void Union(ReadOnlySpan<float> targets, ReadOnlySpan<int> tiles, Span<float> union)
    {
        union.Clear();
        foreach (var picture in tiles)
        {
            if (picture == SpliceTiles.Empty)
                continue;
            var own = targets.Slice(picture * union.Length, union.Length);
            for (var k = 0; k < own.Length; k++)
                union[k] = Either(union[k], own[k]);
        }
    }

    private static float Either(float one, float other) => one == 1 || other == 1 ? 1
        : one == 0 || other == 0 ? one + other // to the bit, and unknown if the other is
        : one < 0 || other < 0 ? SampleLabels.Unknown
        : 1 - ((1 - one) * (1 - other));
}
