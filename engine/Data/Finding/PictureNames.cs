namespace Flixstock.Engine;

/// <summary>
/// Judges files by their names: the one list of pictures' endings, and the one rule for hidden files and those of the
/// system.
/// </summary>
internal static class PictureNames
{
    /// <summary>The kinds of pictures that are read, for messages.</summary>
    public const string Kinds = "JPEG, PNG, WebP, BMP, GIF, TIFF";

    private static readonly HashSet<string> Endings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".png", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff",
    };

    private static readonly HashSet<string> OtherEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".heic", ".heif", ".hif", ".avif", ".jxl", ".jp2", ".j2k", ".jpf", ".jpx", ".psd", ".xcf", ".svg", ".ico",
        ".tga", ".pcx", ".dds", ".exr", ".hdr", ".ppm", ".pgm", ".pbm", ".pnm", ".dng", ".cr2", ".cr3", ".nef", ".arw",
        ".orf", ".rw2", ".raf",
    };

    // What operating systems, network disks and tools leave in folders of pictures, apart from names that begin with a
    // dot and from headers that an old tar unpacked as files (PaxHeaders.123).
    private static readonly HashSet<string> SystemNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "__MACOSX", "__pycache__", "Thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "Icon\r", "@eaDir",
        "@__thumb", "#recycle", "#snapshot", "$RECYCLE.BIN", "System Volume Information", "lost+found",
    };

    /// <summary>True for the ending of a picture that is read, <c>.jpg</c>, in upper or lower case.</summary>
    public static bool IsPictureEnding(string ending) => Endings.Contains(ending);

    /// <summary>True for a file that is read as a picture: one of the endings, and not hidden.</summary>
    /// <param name="path">A name or a path; only its last part counts.</param>
    public static bool IsPicture(string path) =>
        Endings.Contains(Path.GetExtension(path)) && !IsHidden(Path.GetFileName(path));

    /// <summary>True for a picture of a kind that is not read, by its ending.</summary>
    public static bool IsOtherPicture(string path) => OtherEndings.Contains(Path.GetExtension(path));

    /// <summary>
    /// True for a file or folder that is not part of anyone's data: its name begins with a dot, or is one that a system
    /// or a tool leaves behind.
    /// </summary>
    /// <param name="name">A name without folders.</param>
    public static bool IsHidden(string name) =>
        name.StartsWith('.') || name.StartsWith("PaxHeader", StringComparison.Ordinal) || SystemNames.Contains(name);

    /// <summary>True if a path below some folder, with <c>/</c> between names, has a hidden part.</summary>
    public static bool IsHiddenPath(string path) =>
        path.Split('/').Any(part => part is not ("." or "..") && IsHidden(part));
}
