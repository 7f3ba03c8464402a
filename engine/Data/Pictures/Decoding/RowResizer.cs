namespace Flixstock.Engine;

/// <summary>
/// Resizes a picture whose rows come one after the other, to the very bytes that <see cref="PictureResizer"/> gives.
/// Holds no more than the narrowed rows that an output row is made of, twice.
/// </summary>
/// <param name="width">New width in pixels.</param>
/// <param name="height">New height in pixels.</param>
/// <param name="filter">The filter.</param>
/// <param name="destination">[height, width, 3], overwritten.</param>
internal sealed class RowResizer(int width, int height, ResizeFilter filter, Memory<byte> destination) : IPictureSink
{
    private readonly int _stride = width * 3;
    private ResizeWeights? _across, _down; // null if the size does not change
    private byte[] _window = []; // [rows, stride] narrowed rows from _top on, twice as many as an output row needs
    private int _top, _row, _next;

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
        _window = _down is null ? [] : GC.AllocateUninitializedArray<byte>(2 * _down.Taps * _stride);
    }

    public void Row(ReadOnlySpan<byte> rgb)
    {
        var narrowed = _down is null ? destination.Span.Slice(_row * _stride, _stride) : Place(_down.Taps);
        if (_across is null)
            rgb.CopyTo(narrowed);
        else
            ResizeKernels.AlongX(rgb, _across, narrowed);
        _row++;
        if (_down is not null)
            Finish(_down);
    }

    // A window that is full keeps the rows that output rows to come still need.
    private Span<byte> Place(int taps)
    {
        if ((_row - _top) * _stride == _window.Length)
        {
            var top = _row - taps + 1;
            _window.AsSpan((top - _top) * _stride).CopyTo(_window);
            _top = top;
        }
        return _window.AsSpan((_row - _top) * _stride, _stride);
    }

    private void Finish(ResizeWeights down)
    {
        for (; _next < height && down.Starts[_next] + down.Taps <= _row; _next++)
        {
            var rows = _window.AsSpan((down.Starts[_next] - _top) * _stride, down.Taps * _stride);
            ResizeKernels.AlongY(rows, down.Of(_next), destination.Span.Slice(_next * _stride, _stride));
        }
    }
}
