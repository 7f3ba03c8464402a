using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Turns a picture as its EXIF orientation says: mirrored rows at once, everything else when the last row has come.
/// </summary>
internal sealed class TurningSink(IPictureSink next, SKEncodedOrigin origin) : IPictureSink
{
    private readonly PictureCollector _stored = new();
    private byte[] _row = [];
    private int _left;

    public void Begin(int width, int height)
    {
        _left = height;
        if (origin == SKEncodedOrigin.TopRight)
        {
            _row = new byte[width * 3];
            next.Begin(width, height);
        }
        else
        {
            _stored.Begin(width, height);
        }
    }

    public void Row(ReadOnlySpan<byte> rgb)
    {
        if (origin == SKEncodedOrigin.TopRight)
        {
            for (int from = 0, to = rgb.Length - 3; to >= 0; from += 3, to -= 3)
                rgb.Slice(from, 3).CopyTo(_row.AsSpan(to));
            next.Row(_row);
            return;
        }
        _stored.Row(rgb);
        if (--_left == 0)
            PictureOrientation.Give(_stored.Picture, origin, next);
    }
}
