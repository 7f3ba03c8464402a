namespace Flixstock.Engine;

/// <summary>
/// A picture that is stored as its pixels: <paramref name="Width"/> times <paramref name="Height"/> bytes of grey, row
/// by row from the top, 0 black.
/// </summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public sealed record GreyPixels(int Width, int Height)
{
    /// <summary>Gives the picture row by row, grey as three equal colours.</summary>
    internal void Give(ReadOnlySpan<byte> pixels, IPictureSink sink)
    {
        sink.Begin(Width, Height);
        var row = new byte[Width * 3];
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
                row.AsSpan(x * 3, 3).Fill(pixels[(y * Width) + x]);
            sink.Row(row);
        }
    }
}
