namespace Flixstock.Engine;

/// <summary>
/// Skia gives transparent GIF pixels as black, their colour lost; PIL's <c>convert('RGB')</c> gives the palette's
/// colour. So the flag that makes a colour transparent is cleared in a copy of the file before it is decoded.
/// </summary>
internal static class GifTransparency
{
    private const int ScreenDescriptorEnd = 13;
    private const byte Extension = 0x21;
    private const byte GraphicControl = 0xF9;

    /// <summary>The file without transparency in its first frame; other files unchanged.</summary>
    public static ReadOnlySpan<byte> Drop(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith("GIF8"u8) || file.Length < ScreenDescriptorEnd)
            return file;
        var hasPalette = (file[10] & 0x80) != 0;
        var at = ScreenDescriptorEnd + (hasPalette ? 3 << ((file[10] & 7) + 1) : 0);
        while (at + 3 < file.Length && file[at] == Extension)
        {
            if (file[at + 1] == GraphicControl)
            {
                var copy = file.ToArray();
                copy[at + 3] &= 0xFE;
                return copy;
            }
            at += 2;
            while (at < file.Length && file[at] != 0)
                at += file[at] + 1; // sub-blocks, each with its length first
            at++;
        }
        return file;
    }
}
