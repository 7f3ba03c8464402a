using System.Globalization;
using System.Text;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Draws a data set of scenes with <see cref="SceneClasses"/>, several in a picture, every label known, in three parts
/// as after a split: what is needed to simulate hidden labels and see what a loss makes of the rest.
/// </summary>
public static class SceneSynthesizer
{
    private const string Prefix = "scene_";

    /// <summary>The classes, independent of each other.</summary>
    public static AttributeTable Attributes { get; } = AttributeTable.OfClasses(SceneClasses.Names);

    /// <summary>Draws the data set into a folder, which is created if needed.</summary>
    /// <param name="folder">The data directory, as the other commands take it.</param>
    /// <param name="options">Number and size of the pictures, and the seed.</param>
    /// <param name="progress">Told the number of finished pictures, from several threads.</param>
    /// <param name="cancellation">Stops between two pictures.</param>
    /// <exception cref="InputException">
    /// An option is out of range, or the folder cannot be written or holds a data set already.
    /// </exception>
    public static void Draw(
        string folder, SceneOptions options, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        try
        {
            Directory.CreateDirectory(folder);
            using var held = FolderLock.Take(folder, "drawing", options.TakeOver);
            Leftovers.Remove(folder);
            var drawnBefore = DrawnBefore(new DatasetLayout(folder), options);
            // An older data set stays until this one is whole.
            using var staged = new StagedOutput(folder);
            var layout = new DatasetLayout(staged.Folder);
            foreach (var part in DatasetLayout.Parts)
                Directory.CreateDirectory(layout.PartImages(part));
            var labels = DrawAll(layout, options, progress, cancellation);
            PictureWriter.WriteWhole(
                Path.Combine(staged.Folder, AttributeTable.FileName), Encoding.UTF8.GetBytes(Attributes.ToJson()));
            foreach (var part in DatasetLayout.Parts)
            {
                PictureWriter.WriteWhole(
                    layout.PartCsv(part),
                    Encoding.UTF8.GetBytes(ClassCsv.Format(Attributes, Rows(labels, part, options.Count))));
            }
            staged.PublishFiles(drawnBefore.Select(path => Path.GetRelativePath(folder, path)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{folder}: cannot write the data set ({error.Message}); choose a folder that is writable", error);
        }
    }

    /// <summary>One picture with these classes as PNG bytes: the same for the same arguments.</summary>
    /// <param name="classes">[20] true for each of <see cref="SceneClasses.Names"/> that is present.</param>
    /// <param name="seed">Gives everything that is not a label.</param>
    /// <param name="size">Height and width in pixels.</param>
    public static byte[] DrawOne(bool[] classes, ulong seed, int size)
    {
        var random = new SeededRandom(seed);
        return Encode(ScenePlan.Place(classes, random), random, size, SKEncodedImageFormat.Png);
    }

    /// <summary>Part of picture number <paramref name="index"/> among <paramref name="count"/>.</summary>
    internal static string PartOf(int index, int count) =>
        (10L * index / count) switch { < 7 => "train", < 9 => "val", _ => "test" };

    internal static string FileName(int index) => Prefix + index.ToString("D6", CultureInfo.InvariantCulture) + ".jpg";

    private static IEnumerable<(string File, sbyte[] Labels)> Rows(bool[][] labels, string part, int count) =>
        Enumerable.Range(0, count).Where(index => PartOf(index, count) == part)
            .Select(index => (FileName(index), Array.ConvertAll(labels[index], there => (sbyte)(there ? 1 : 0))));

    private static List<string> DrawnBefore(DatasetLayout layout, SceneOptions options)
    {
        var all = new List<string>();
        if (File.Exists(layout.CleanedCsv))
        {
            throw new InputException(
                $"{layout.CleanedCsv}: there is another data set in this folder; choose another folder");
        }
        foreach (var part in DatasetLayout.Parts)
        {
            var drawnBefore = FolderWalk.Files(layout.PartImages(part))
                .ConvertAll(name => Path.Combine(layout.PartImages(part), name));
            if (drawnBefore.FirstOrDefault(
                file => !Path.GetFileName(file).StartsWith(Prefix, StringComparison.Ordinal)) is { } foreign)
            {
                throw new InputException($"{foreign}: not a drawn scene; {Term.SceneSynthesizer} does not mix with "
                    + $"other data, choose another folder");
            }

            // The labels come last: pictures without them are what a stopped command left.
            if (!options.Overwrite && DatasetLayout.Parts.Any(one => File.Exists(layout.PartCsv(one))))
            {
                throw new InputException(
                    $"{layout.Root}: holds a data set already; choose another folder, or replace it with "
                        + $"{Term.Overwrite}");
            }

            all.AddRange(drawnBefore);
        }

        return all;
    }

    private static bool[][] DrawAll(
        DatasetLayout layout, SceneOptions options, IProgress<int>? progress, CancellationToken cancellation)
    {
        var labels = new bool[options.Count][];
        var finished = 0;
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Workers == 0 ? Environment.ProcessorCount : options.Workers,
            CancellationToken = cancellation,
        };
        try
        {
            Parallel.For(0, options.Count, parallel, i =>
            {
                var random = new SeededRandom(options.Seed).Derive("scene").Derive((ulong)i);
                labels[i] = ScenePlan.DrawClasses(random);
                var picture = Encode(
                    ScenePlan.Place(labels[i], random), random, options.Size, SKEncodedImageFormat.Jpeg);
                PictureWriter.WriteWhole(
                    Path.Combine(layout.PartImages(PartOf(i, options.Count)), FileName(i)), picture);
                progress?.Report(Interlocked.Increment(ref finished));
            });
        }
        catch (AggregateException errors)
        {
            // One cause is enough for one line; the rest are the same disk.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
        return labels;
    }

    private static byte[] Encode(List<SceneItem> items, SeededRandom random, int size, SKEncodedImageFormat format)
    {
        using var bitmap = ScenePainter.Paint(items, random, size);
        using var data = bitmap.Encode(format, 92) ?? throw new EngineException("the encoder refused a drawn picture");
        return data.ToArray();
    }
}
