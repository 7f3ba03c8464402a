using System.Text;

namespace Flixstock.Engine;

/// <summary>How a data set of drawings is made.</summary>
internal sealed record ClipartOptions
{
    /// <summary>Height and width of the pictures in pixels.</summary>
    public int Size { get; init; } = 96;

    /// <summary>The only source of randomness: which drawings are in which part.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; they do not change the result.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}

/// <summary>What was made of the drawings.</summary>
/// <param name="Parts">Number of pictures of each part.</param>
/// <param name="Drawings">Number of files looked at.</param>
/// <param name="Skipped">Those of them that could not be painted.</param>
/// <param name="Classes">Classes of the training pictures by their folders.</param>
/// <param name="Forgotten">Those of them that no tag names.</param>
internal sealed record ClipartSummary(
    IReadOnlyList<(string Part, int Count)> Parts, int Drawings, int Skipped, int Classes, int Forgotten)
{
    /// <summary>Files that gave the same picture as another.</summary>
    public int Repeated => Drawings - Skipped - Parts.Sum(part => part.Count);
}

/// <summary>
/// Open Clip Art Library 0.18: 8,121 drawings by many people in folders, most with their authors' tags (public domain).
/// Debian and its relatives have it as a package. What authors forgot to say is really forgotten: a tag is a positive
/// label, its absence none. The folder in which the library's keepers put a drawing is the truth of the test part.
/// </summary>
internal static class Clipart
{
    /// <summary>Name of the package.</summary>
    public const string Package = "openclipart-svg";

    /// <summary>Where the package puts its drawings.</summary>
    public const string InstalledFolder = "/usr/share/openclipart/svg";

    /// <summary>The file that says of every picture its folders' classes and its tags.</summary>
    public const string FoldersFile = "folders.csv";

    /// <summary>The file of labels of the training pictures that their tags leave open, by their folders.</summary>
    public const string ForgottenFile = "forgotten.csv";

    /// <summary>The file that names the drawings which were left out, and why.</summary>
    public const string SkippedFile = "skipped.csv";

    // Of every class; the rest is for training.
    private const double TestShare = 0.3, ValidationShare = 0.1;

    private static readonly EnumerationOptions Below =
        new() { RecurseSubdirectories = true, MaxRecursionDepth = 16, AttributesToSkip = FileAttributes.Hidden };

    /// <summary>True if the folder has a drawing of any class.</summary>
    public static bool IsIn(string folder) => Directory.Exists(folder) && Drawings(folder).Any();

    /// <summary>Paints the drawings and writes the data set.</summary>
    /// <param name="from">The folder of the drawings.</param>
    /// <param name="to">The folder of the data set.</param>
    /// <param name="options">How it is made.</param>
    /// <param name="paint">
    /// Paints an SVG onto a white square: [size, size, 3]. Throws <see cref="InvalidDataException"/> if it cannot.
    /// </param>
    /// <param name="progress">Drawings done and in all.</param>
    /// <param name="cancellation">Stops between two drawings.</param>
    /// <exception cref="InputException">There are too few drawings, or the folder cannot be written.</exception>
    public static ClipartSummary Make(
        string from, string to, ClipartOptions options, Func<byte[], byte[]> paint,
        IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        string[] paths = [.. Drawings(from).Order(StringComparer.Ordinal)];
        var painted = new PaintedDrawing?[paths.Length];
        var reasons = new string?[paths.Length];
        var done = 0;
        PictureWorkers.Run(paths.Length, options.Workers, i =>
        {
            try
            {
                painted[i] = PaintedDrawing.Of(from, paths[i], options.Size, paint);
            }
            catch (InvalidDataException e)
            {
                reasons[i] = e.Message;
            }
            progress?.Report((Interlocked.Increment(ref done), paths.Length));
        }, cancellation);
        var pictures = painted.OfType<PaintedDrawing>().GroupBy(drawing => drawing.Digest, StringComparer.Ordinal)
            .Select(PaintedDrawing.Merge).ToList();
        var parts = Divide(pictures, options.Seed);
        if (parts.Find(part => part.Pictures.Count == 0) is { Part: { } empty })
        {
            throw new InputException($"{from}: {pictures.Count} different drawings are too few, none is left for the "
                + $"part '{empty}'; give the folder that holds animals, food, people, ...");
        }
        using var staged = new StagedOutput(to);
        staged.Write(fresh => Write(fresh, parts, paths, reasons, cancellation));
        // What cannot be read is said before it is put into place.
        foreach (var (part, _) in parts)
            new DatasetSource(staged.Folder, DatasetType.Csv).Load(part);
        staged.Publish();
        var training = parts[0].Pictures;
        return new ClipartSummary(
            [.. parts.Select(part => (part.Part, part.Pictures.Count))], paths.Length,
            reasons.Count(reason => reason is not null), training.Sum(picture => picture.Classes.Count),
            training.Sum(picture => picture.Classes.Count(one => !one.IsSaidBy(picture.Tags))));
    }

    private static IEnumerable<string> Drawings(string folder) => ClipartClass.All.SelectMany(
        one => Path.Combine(folder, one.Folder) is var own && Directory.Exists(own)
            ? Directory.EnumerateFiles(own, "*.svg", Below)
                .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Where(one.Holds)
            : []);

    // Class by class, so that every part has its share of each; a picture of two classes counts as one of the first.
    private static List<(string Part, List<PaintedDrawing> Pictures)> Divide(
        List<PaintedDrawing> pictures, ulong seed)
    {
        var parts = DatasetLayout.Parts.Select(part => (Part: part, Pictures: new List<PaintedDrawing>())).ToList();
        foreach (var group in pictures.GroupBy(picture => picture.Classes[0]))
        {
            var random = new SeededRandom(seed).Derive("clipart").Derive(group.Key.Name);
            PaintedDrawing[] order = [.. group];
            random.Shuffle(order.AsSpan());
            var test = (int)Math.Round(TestShare * order.Length);
            var validation = (int)Math.Round(ValidationShare * order.Length);
            parts[2].Pictures.AddRange(order[..test]);
            parts[1].Pictures.AddRange(order[test..(test + validation)]);
            parts[0].Pictures.AddRange(order[(test + validation)..]);
        }
        foreach (var (_, own) in parts)
            own.Sort((one, other) => string.CompareOrdinal(one.File, other.File));
        return parts;
    }

    private static void Write(
        string folder, List<(string Part, List<PaintedDrawing> Pictures)> parts, string[] paths, string?[] reasons,
        CancellationToken cancellation)
    {
        var attributes = AttributeTable.OfClasses([.. ClipartClass.All.Select(one => one.Name)]);
        var folders = new StringBuilder("filename,part,folders,tags\n");
        foreach (var (part, pictures) in parts)
        {
            foreach (var picture in pictures)
            {
                cancellation.ThrowIfCancellationRequested();
                var path = Path.Combine(folder, "images", picture.File);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                PictureWriter.WriteWhole(path, picture.Png);
                string[] cells =
                [
                    picture.File, part, string.Join('|', picture.Classes.Select(one => one.Name)),
                    string.Join('|', picture.Tags),
                ];
                folders.AppendJoin(',', cells.Select(CsvCell.Of)).Append('\n');
            }
            var rows = pictures.Select(picture => (picture.File, part == "test" ? picture.Truth() : picture.Said()));
            WriteText(folder, $"{part}.csv", ClassCsv.Format(attributes, rows));
        }
        WriteText(folder, FoldersFile, folders.ToString());
        WriteText(folder, ForgottenFile, ClassCsv.Format(
            attributes, parts[0].Pictures.Select(picture => (picture.File, picture.Forgotten()))));
        var skipped = paths.Zip(reasons).Where(one => one.Second is not null)
            .Select(one => $"{CsvCell.Of(one.First)},{CsvCell.Of(one.Second!)}\n");
        WriteText(folder, SkippedFile, "drawing,reason\n" + string.Concat(skipped));
    }

    private static void WriteText(string folder, string name, string text) =>
        PictureWriter.WriteWhole(Path.Combine(folder, name), Encoding.UTF8.GetBytes(text));
}
