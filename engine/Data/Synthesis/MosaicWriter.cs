using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>How pictures are put together.</summary>
internal sealed record MosaicOptions
{
    /// <summary>Pictures next to each other, and under one another.</summary>
    public int Side { get; init; } = 2;

    /// <summary>Height and width of each in pixels.</summary>
    public int CellSize { get; init; } = 28;

    /// <summary>Share of cells that stay empty, 0 to less than 1; at least one of a mosaic never does.</summary>
    public double Empty { get; init; }

    /// <summary>Largest number of mosaics of a part; null: as many as there are pictures for.</summary>
    public int? Count { get; init; }

    /// <summary>The only source of randomness.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; they do not change the result.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}

/// <summary>
/// Makes a data set of several labels a picture, all of them known, of one whose pictures have one class each: pictures
/// lie in a grid, and a class is positive if any of them has it. Every picture is used once at most, and a part's
/// mosaics are of that part's pictures alone.
/// </summary>
internal static class MosaicWriter
{
    /// <summary>Writes the data set.</summary>
    /// <param name="parts">The parts and their pictures, training first; one exclusive attribute.</param>
    /// <param name="folder">The folder of the new data set.</param>
    /// <param name="options">How pictures are put together.</param>
    /// <param name="progress">Mosaics done and in all.</param>
    /// <param name="cancellation">Stops between two mosaics.</param>
    /// <returns>Number of mosaics of each part.</returns>
    /// <exception cref="InputException">
    /// The data set has several labels a picture, a part has too few pictures, or the folder cannot be written.
    /// </exception>
    public static IReadOnlyList<(string Part, int Count)> Write(
        IReadOnlyList<(string Part, ImageDataset Data)> parts, string folder, MosaicOptions options,
        IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        if (parts[0].Data.Attributes.Groups is not [{ Independent: false } group])
        {
            throw new InputException($"{parts[0].Data.Folder}: its pictures have several labels each; a mosaic needs "
                + $"pictures of one class each, one exclusive attribute");
        }
        var plans = parts.Select(part => (part.Part, part.Data, Plan: Plan(part.Data, part.Part, options))).ToList();
        var attributes = AttributeTable.OfClasses(
            [.. Enumerable.Range(0, group.Classes).Select(k => group.ClassNames?[k] ?? group.ClassName(k))]);
        using var staged = new StagedOutput(folder);
        staged.Write(fresh => WriteAll(new DatasetLayout(fresh), attributes, plans, options, progress, cancellation));
        staged.Publish();
        return [.. plans.Select(part => (part.Part, part.Plan.Count))];
    }

    // Numbers of the pictures of each mosaic, cell by cell; -1 is empty.
    private static List<int[]> Plan(ImageDataset data, string part, MosaicOptions options)
    {
        var random = new SeededRandom(options.Seed).Derive("mosaic").Derive(part);
        int[] order = [.. Enumerable.Range(0, data.Samples.Count)];
        random.Shuffle(order.AsSpan());
        var mosaics = new List<int[]>();
        var (cells, used) = (options.Side * options.Side, 0);
        while (mosaics.Count < (options.Count ?? int.MaxValue))
        {
            bool[] filled = [.. Enumerable.Range(0, cells).Select(_ => !random.NextBool(options.Empty))];
            if (!filled.Contains(true))
                filled[random.Next(cells)] = true;
            if (used + filled.Count(full => full) > order.Length)
                break;
            mosaics.Add(Array.ConvertAll(filled, full => full ? order[used++] : -1));
        }
        return mosaics.Count > 0
            ? mosaics
            : throw new InputException($"{data.Folder}: the part '{part}' has {data.Samples.Count} pictures, and a "
                + $"mosaic takes up to {cells}; make smaller ones");
    }

    private static void WriteAll(
        DatasetLayout layout, AttributeTable attributes,
        IReadOnlyList<(string Part, ImageDataset Data, List<int[]> Plan)> parts, MosaicOptions options,
        IProgress<(int Done, int Total)>? progress, CancellationToken cancellation)
    {
        var (done, total) = (0, parts.Sum(part => part.Plan.Count));
        foreach (var (part, data, plan) in parts)
        {
            var images = layout.PartImages(part);
            Directory.CreateDirectory(images);
            PictureWorkers.Run(plan.Count, options.Workers, i =>
            {
                PictureWriter.WritePng(Path.Combine(images, FileName(i)), Paint(data, plan[i], options));
                progress?.Report((Interlocked.Increment(ref done), total));
            }, cancellation);
            var rows = plan.Select((cells, i) => (FileName(i), Union(data, cells)));
            PictureWriter.WriteWhole(
                layout.PartCsv(part), Encoding.UTF8.GetBytes(ClassCsv.Format(attributes, rows)));
        }
        PictureWriter.WriteWhole(
            Path.Combine(layout.Root, AttributeTable.FileName), Encoding.UTF8.GetBytes(attributes.ToJson()));
    }

    private static string FileName(int index) => $"mosaic_{index.ToString("D6", CultureInfo.InvariantCulture)}.png";

    private static RgbPicture Paint(ImageDataset data, int[] cells, MosaicOptions options)
    {
        var (side, size) = (options.Side, options.CellSize);
        var mosaic = new RgbPicture(side * size, side * size);
        for (var cell = 0; cell < cells.Length; cell++)
        {
            if (cells[cell] < 0)
                continue;
            var picture = PictureResizer.Resize(data.Samples[cells[cell]].Decode(), size, size);
            var (left, top) = (cell % side * size, cell / side * size);
            for (var y = 0; y < size; y++)
            {
                picture.Pixels.AsSpan(y * size * 3, size * 3).CopyTo(
                    mosaic.Pixels.AsSpan((((top + y) * mosaic.Width) + left) * 3));
            }
        }
        return mosaic;
    }

    // A picture whose class is unknown may hold any class: of those that no other one has nothing is known.
    private static sbyte[] Union(ImageDataset data, int[] cells)
    {
        var labels = new sbyte[data.Attributes.ClassCount];
        foreach (var cell in cells.Where(cell => cell >= 0))
        {
            for (var k = 0; k < labels.Length; k++)
            {
                var own = data.Samples[cell].Labels[k];
                labels[k] = labels[k] == 1 || own == 1 ? (sbyte)1 : own < 0 ? (sbyte)-1 : labels[k];
            }
        }
        return labels;
    }
}
