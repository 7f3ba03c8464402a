using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

/// <summary>
/// Resizes a picture whose rows come one after the other, to the very bytes that <see cref="PictureResizer"/> gives:
/// what is summed are whole numbers, so that the order of additions does not matter. Holds one narrowed row and the
/// sums of the output rows that have begun.
/// </summary>
/// <param name="width">New width in pixels.</param>
/// <param name="height">New height in pixels.</param>
/// <param name="filter">The filter.</param>
/// <param name="destination">[height, width, 3], overwritten.</param>
internal sealed class RowResizer(int width, int height, ResizeFilter filter, Memory<byte> destination) : IPictureSink
{
    private readonly int _stride = width * 3;
    private ResizeWeights? _across, _down; // null if the size does not change
    private byte[] _narrowed = [];
    private int[] _sums = []; // [ring of output rows, stride]
    private int _ring, _row, _first, _next;

    /// <summary>The picture's own size.</summary>
    public (int Width, int Height) Source { get; private set; }

    public void Begin(int sourceWidth, int sourceHeight)
    {
        Source = (sourceWidth, sourceHeight);
        if (destination.Length != height * _stride)
        {
            throw new InvalidOperationException(
                $"{width} x {height} pixels need {height * _stride} bytes, not {destination.Length}");
        }
        _across = sourceWidth == width ? null : ResizeWeights.For(sourceWidth, width, filter);
        _down = sourceHeight == height ? null : ResizeWeights.For(sourceHeight, height, filter);
        _narrowed = _across is null ? [] : new byte[_stride];
        _ring = _down is null ? 0 : MostAtOnce(_down);
        _sums = new int[_ring * _stride];
    }

    public void Row(ReadOnlySpan<byte> rgb)
    {
        var row = rgb;
        if (_across is not null)
        {
            PictureResizer.AlongX(rgb, rgb.Length / 3, 1, _across, _narrowed);
            row = _narrowed;
        }
        if (_down is not null)
            Add(row, _down);
        else
            row.CopyTo(destination.Span[(_row * _stride)..]);
        _row++;
    }

    private void Add(ReadOnlySpan<byte> row, ResizeWeights down)
    {
        for (; _next < height && down.Starts[_next] <= _row; _next++)
            Sums(_next).Fill(PictureResizer.Half);
        for (var i = _first; i < _next; i++)
        {
            var tap = _row - down.Starts[i];
            var taps = down.Of(i);
            if (tap < taps.Length)
                AddRow(row, taps[tap], Sums(i));
        }
        for (; _first < _next && down.Starts[_first] + down.Of(_first).Length <= _row + 1; _first++)
            Round(Sums(_first), destination.Span.Slice(_first * _stride, _stride));
    }

    private Span<int> Sums(int output) => _sums.AsSpan(output % _ring * _stride, _stride);

    private static void AddRow(ReadOnlySpan<byte> row, int weight, Span<int> sums)
    {
        var x = 0;
        var weights = Vector128.Create(weight);
        for (; x + 16 <= row.Length; x += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(row.Slice(x, 16)));
            var (a, b) = Vector128.Widen(low);
            var (c, d) = Vector128.Widen(high);
            Add(sums.Slice(x, 4), a, weights);
            Add(sums.Slice(x + 4, 4), b, weights);
            Add(sums.Slice(x + 8, 4), c, weights);
            Add(sums.Slice(x + 12, 4), d, weights);
        }
        for (; x < row.Length; x++)
            sums[x] += row[x] * weight;
    }

    private static void Add(Span<int> sums, Vector128<uint> pixels, Vector128<int> weights) =>
        (Vector128.Create((ReadOnlySpan<int>)sums) + (pixels.AsInt32() * weights)).CopyTo(sums);

    private static void Round(ReadOnlySpan<int> sums, Span<byte> output)
    {
        for (var x = 0; x < output.Length; x++)
            output[x] = PictureResizer.Clamp(sums[x]);
    }

    // Output rows whose windows share a source row.
    private static int MostAtOnce(ResizeWeights down)
    {
        var (most, first) = (1, 0);
        for (var i = 0; i < down.Starts.Length; i++)
        {
            while (down.Starts[first] + down.Of(first).Length <= down.Starts[i])
                first++;
            most = Math.Max(most, i - first + 1);
        }
        return most;
    }
}
