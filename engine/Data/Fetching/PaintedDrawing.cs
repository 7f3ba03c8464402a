namespace Flixstock.Engine;

/// <summary>A drawing as a picture, and what is known of it.</summary>
/// <param name="File">Name of the picture's file, with its folders.</param>
/// <param name="Png">The picture.</param>
/// <param name="Digest">The same for the same bytes of the picture.</param>
/// <param name="Classes">Classes of the folders that it lies in, at least one, in their order.</param>
/// <param name="Tags">Its authors' tags.</param>
internal sealed record PaintedDrawing(
    string File, byte[] Png, string Digest, IReadOnlyList<ClipartClass> Classes, IReadOnlyList<string> Tags)
{
    /// <summary>Reads and paints a file.</summary>
    /// <param name="folder">The folder of all drawings.</param>
    /// <param name="path">The drawing's path below it.</param>
    /// <param name="size">Height and width of the picture.</param>
    /// <param name="paint">See <see cref="Clipart.Make"/>.</param>
    /// <exception cref="InvalidDataException">It cannot be read or painted; says why.</exception>
    public static PaintedDrawing Of(string folder, string path, int size, Func<byte[], byte[]> paint)
    {
        var drawing = SafeDrawing.Read(Bytes(Path.Combine(folder, path)));
        var png = PictureWriter.EncodePng(new RgbPicture(size, size, paint(drawing.Svg)));
        var names = path[..^".svg".Length].Split('/').Select(name => SafeFileName.Of("", name, "")).ToList();
        return new PaintedDrawing(
            string.Join('/', names) + ".png", png, Convert.ToHexStringLower(Sha256.HashData(png)),
            [.. ClipartClass.All.Where(one => one.Holds(path))], drawing.Tags);
    }

    /// <summary>One picture of several that are the same: of all their classes, with all their tags.</summary>
    public static PaintedDrawing Merge(IEnumerable<PaintedDrawing> same)
    {
        var all = same.ToList();
        return all[0] with
        {
            Classes = [.. ClipartClass.All.Where(one => all.Exists(drawing => drawing.Classes.Contains(one)))],
            Tags = [.. all.SelectMany(drawing => drawing.Tags).Distinct(StringComparer.Ordinal)],
        };
    }

    /// <summary>Labels for learning: what a tag says is 1; the rest nobody has denied, so it is unknown.</summary>
    public sbyte[] Said() => [.. ClipartClass.All.Select(one => (sbyte)(one.IsSaidBy(Tags) ? 1 : -1))];

    /// <summary>
    /// Labels for testing: 1 for the folders' classes and 0 for all others, but unknown where a tag says otherwise.
    /// </summary>
    public sbyte[] Truth() =>
    [
        .. ClipartClass.All.Select(one => (sbyte)(Classes.Contains(one) ? 1 : one.IsSaidBy(Tags) ? -1 : 0)),
    ];

    /// <summary>
    /// Labels of what the tags leave open: 1 for a folder's class that was forgotten, 0 for others, unknown where a tag
    /// says so.
    /// </summary>
    public sbyte[] Forgotten() =>
    [
        .. ClipartClass.All.Select(one => (sbyte)(one.IsSaidBy(Tags) ? -1 : Classes.Contains(one) ? 1 : 0)),
    ];

    private static byte[] Bytes(string path)
    {
        try
        {
            if (FileKind.Irregular(path) is { } what)
                throw new InvalidDataException($"that is {what} and not a file");
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            if (file.Length > SafeDrawing.LargestFile)
                throw new InvalidDataException($"it has more than {SafeDrawing.LargestFile >> 20} MB");
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"it cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
