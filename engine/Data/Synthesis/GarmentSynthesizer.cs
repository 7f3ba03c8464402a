using System.Globalization;
using System.Text;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Draws a garment data set in the layout of the real one: <c>images_cleaned/images/*.jpg</c> and
/// <c>attributes_cleaned.csv</c>, with the class frequencies and the share of unknown labels of the published task. It
/// stands in for the real photos, which cannot be shipped.
/// </summary>
/// <remarks>
/// Colour, size, pose, background and file name carry no label. What was really drawn, even if the label is withheld,
/// is in
/// <c>attributes_true.csv</c>, which no other command reads.
/// </remarks>
public static class GarmentSynthesizer
{
    /// <summary>Name of the file with what was drawn, next to the labels.</summary>
    public const string TrueLabels = "attributes_true.csv";

    /// <summary>
    /// Name of the folder with the masks, next to the labels: <c>masks/neck</c> and <c>masks/sleeve</c>, a PNG for each
    /// picture, of its size, with 255 where the part is seen and 0 elsewhere.
    /// </summary>
    public const string Masks = "masks";

    private const string Header = "filename,neck,sleeve_length,pattern";

    /// <summary>Draws the data set into a folder, which is created if needed.</summary>
    /// <param name="folder">The data directory, as the other commands take it.</param>
    /// <param name="options">Number and size of the pictures, and the seed.</param>
    /// <param name="progress">Told the number of finished pictures, from several threads.</param>
    /// <param name="cancellationToken">Stops between two pictures.</param>
    /// <exception cref="InputException">
    /// An option is out of range, or the folder cannot be written or holds a data set already.
    /// </exception>
    public static void Draw(
        string folder, SynthesisOptions options, IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        Validate(options);
        var labels = LabelPlan.Deal(options.Count, new SeededRandom(options.Seed));
        try
        {
            Directory.CreateDirectory(folder);
            using var held = FolderLock.Take(folder, "drawing", options.TakeOver);
            Leftovers.Remove(folder);
            var drawnBefore = DrawnBefore(new DatasetLayout(folder), options);
            // An older data set stays until this one is whole.
            using var staged = new StagedOutput(folder);
            var layout = new DatasetLayout(staged.Folder);
            Directory.CreateDirectory(layout.CleanedImages);
            foreach (var part in options.Masks ? GarmentParts.All : [])
                Directory.CreateDirectory(MaskFolder(staged.Folder, part));
            DrawAll(layout, labels, options, progress, cancellationToken);
            PictureWriter.WriteWhole(
                Path.Combine(staged.Folder, AttributeTable.FileName),
                Encoding.UTF8.GetBytes(GarmentNames.Attributes.ToJson()));
            WriteTable(Path.Combine(staged.Folder, TrueLabels), labels, options.Count, label => label.Drawn);
            WriteTable(layout.CleanedCsv, labels, options.Count, label => label.Written);
            staged.PublishFiles(drawnBefore.Select(path => Path.GetRelativePath(folder, path)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{folder}: cannot write the data set ({error.Message}); choose a folder that is writable");
        }
    }

    /// <summary>One picture as JPEG bytes, quality 95: the same for the same arguments.</summary>
    /// <param name="neck">Class index, see <see cref="GarmentNames"/>.</param>
    /// <param name="sleeve">Class index of the sleeve length.</param>
    /// <param name="pattern">Class index of the pattern.</param>
    /// <param name="seed">Gives everything that is not a label.</param>
    /// <param name="size">Shorter side in pixels.</param>
    public static byte[] DrawOne(int neck, int sleeve, int pattern, ulong seed, int size) =>
        Encode([neck, sleeve, pattern], new SeededRandom(seed), size);

    /// <summary>Name of picture number <paramref name="index"/> (from 0) among <paramref name="count"/>.</summary>
    internal static string FileName(int index, int count)
    {
        var digits = Math.Max(5, (count - 1).ToString(CultureInfo.InvariantCulture).Length);
        return "garment_"
            + index.ToString("D" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            + ".jpg";
    }

    /// <summary>The folder with a part's masks of a data set.</summary>
    internal static string MaskFolder(string folder, GarmentPart part) =>
        Path.Combine(folder, Masks, GarmentParts.Name(part));

    private static void Validate(SynthesisOptions options)
    {
        if (options.Count < 1)
        {
            throw new InputException($"{Term.Count} {options.Count}: must be 1 or more "
                + $"(300 or more for every class to occur several times)");
        }

        if (options.Size is < 32 or > 4096)
            throw new InputException($"{Term.Size} {options.Size}: must lie between 32 and 4096 pixels");
        if (options.Workers < 0)
            throw new InputException($"{Term.Workers} {options.Workers}: must be 0 (one per processor) or more");
    }

    private static List<string> DrawnBefore(DatasetLayout layout, SynthesisOptions options)
    {
        var (table, images) = (layout.CleanedCsv, layout.CleanedImages);
        var drawnBefore = FolderWalk.Files(images).ConvertAll(name => Path.Combine(images, name));
        var foreign = drawnBefore.FirstOrDefault(
            file => !Path.GetFileName(file).StartsWith("garment_", StringComparison.Ordinal));
        if (foreign is not null)
        {
            throw new InputException($"{foreign}: not a drawn picture; {Term.GarmentSynthesizer} does not mix with "
                + $"other data, choose another folder");
        }

        // The labels come last: pictures without them are what a stopped command left.
        if (!options.Overwrite && File.Exists(table))
        {
            throw new InputException(
                $"{layout.Root}: holds a data set already; choose another folder, or replace it with {Term.Overwrite}");
        }

        // Masks of pictures that are replaced would be wrong.
        var masks = GarmentParts.All.SelectMany(part => OldMasks(MaskFolder(layout.Root, part)));
        return [.. drawnBefore, .. masks];
    }

    private static IEnumerable<string> OldMasks(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "garment_*.png") : [];

    private static void DrawAll(
        DatasetLayout layout, GarmentLabels[] labels, SynthesisOptions options, IProgress<int>? progress,
        CancellationToken cancellationToken)
    {
        var finished = 0;
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Workers == 0 ? Environment.ProcessorCount : options.Workers,
            CancellationToken = cancellationToken,
        };
        try
        {
            Parallel.For(0, labels.Length, parallel, i =>
            {
                var random = new SeededRandom(options.Seed).Derive("picture").Derive((ulong)i);
                var name = FileName(i, labels.Length);
                PictureWriter.WriteWhole(
                    Path.Combine(layout.CleanedImages, name), Encode(labels[i].Drawn, random, options.Size));
                foreach (var part in options.Masks ? GarmentParts.All : [])
                {
                    var target = Path.Combine(MaskFolder(layout.Root, part), Path.ChangeExtension(name, ".png"));
                    PictureWriter.WriteWhole(target, EncodeMask(part, labels[i].Drawn, random, options.Size));
                }
                progress?.Report(Interlocked.Increment(ref finished));
            });
        }
        catch (AggregateException errors)
        {
            // One cause is enough for one line; the rest are the same disk.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
    }

    private static byte[] Encode(int[] classes, SeededRandom random, int size)
    {
        using var bitmap = GarmentPainter.Paint(classes, random, size);
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95)
            ?? throw new EngineException("the JPEG encoder refused a drawn picture");
        return data.ToArray();
    }

    private static byte[] EncodeMask(GarmentPart part, int[] classes, SeededRandom random, int size)
    {
        using var bitmap = GarmentPainter.PaintMask(part, classes, random, size);
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100)
            ?? throw new EngineException("the PNG encoder refused a mask");
        return data.ToArray();
    }

    private static void WriteTable(string path, GarmentLabels[] labels, int count, Func<GarmentLabels, int[]> columns)
    {
        var text = new StringBuilder(Header).Append('\n');
        for (var i = 0; i < count; i++)
        {
            text.Append(FileName(i, count));
            foreach (var label in columns(labels[i]))
                text.Append(',').Append(label < 0 ? "#N/A" : label.ToString(CultureInfo.InvariantCulture));
            text.Append('\n');
        }
        PictureWriter.WriteWhole(path, Encoding.UTF8.GetBytes(text.ToString()));
    }
}
