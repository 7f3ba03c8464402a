using System.Text;

namespace Flixstock.Engine;

/// <summary>Names what a file is that is no picture of a kind that is read, by its first bytes.</summary>
internal static class UnreadPicture
{
    /// <summary>The refusal of such a file: what it is and what to do.</summary>
    public static PictureException Refusal(ReadOnlySpan<byte> file, string name)
    {
        if (Kind(file) is { } kind)
            return new PictureException(name, $"{kind}, which is not read", "save it as JPEG or PNG");
        if (file.StartsWith("version https://git-lfs"u8))
        {
            return new PictureException(
                name, "a pointer of Git LFS and no picture", "fetch the file itself with 'git lfs pull'");
        }
        return IsMarkup(file)
            ? new PictureException(name, "a web page and no picture", "download the picture again")
            : new PictureException(name, $"not a picture that can be read ({PictureNames.Kinds})");
    }

    private static string? Kind(ReadOnlySpan<byte> file)
    {
        if (file.Length >= 12 && file[4..].StartsWith("ftyp"u8))
        {
            return Encoding.Latin1.GetString(file.Slice(8, 4)) switch
            {
                "avif" or "avis" => "an AVIF picture",
                "heic" or "heix" or "hevc" or "heim" or "heis" or "mif1" or "msf1" => "a HEIC picture",
                "crx " => "a camera's raw file",
                _ => "a video",
            };
        }
        if (file.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' '])
            || file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]))
        {
            return "a JPEG XL picture";
        }
        if (file.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' '])
            || file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]))
        {
            return "a JPEG 2000 picture";
        }
        return file.StartsWith("8BPS"u8) ? "a Photoshop file" : file.StartsWith("%PDF"u8) ? "a PDF" : null;
    }

    private static bool IsMarkup(ReadOnlySpan<byte> file)
    {
        var start = Encoding.Latin1.GetString(file[..Math.Min(64, file.Length)])
            .TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\t', '\r', '\n');
        return start.StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase)
            || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
    }
}
