namespace Flixstock.Engine;

/// <summary>
/// Writes a data set anew in the layout of a split: label files with the training labels that a simulation left, the
/// other parts as they were. Pictures are not copied; links lead to them.
/// </summary>
public static class SimulatedDatasetWriter
{
    /// <summary>Writes the data set; until it is complete, what was in the folder stays.</summary>
    /// <param name="folder">The new data set.</param>
    /// <param name="training">The training part with hidden labels.</param>
    /// <param name="others">The parts that stay as they are, by name.</param>
    /// <param name="copyPictures">Copy pictures instead of linking to them.</param>
    /// <param name="overwrite">Replace a data set that is already there.</param>
    /// <param name="cancellation">Stops between two pictures; what was there stays.</param>
    /// <exception cref="InputException">
    /// The folder holds a data set, or cannot be written; or links cannot be made there.
    /// </exception>
    public static void Write(
        string folder, SimulatedLabels training, IReadOnlyDictionary<string, ImageDataset> others, bool copyPictures,
        bool overwrite = false, CancellationToken cancellation = default)
    {
        var target = new DatasetLayout(folder);
        if (!overwrite && DatasetLayout.Parts.Select(target.PartCsv).FirstOrDefault(File.Exists) is { } there)
        {
            throw new InputException(
                $"{there}: there is a data set in this folder; choose another folder, or replace it by "
                    + $"{Term.Overwrite}");
        }

        if (others.Values.Append(training.Dataset).SelectMany(part => part.Samples)
            .FirstOrDefault(sample => sample.Raw is not null) is { } raw)
        {
            throw new InputException($"{raw.Name}: the pack holds pixels and no files of pictures, which the new data "
                + $"set needs; give the original data set, and pack the result ({Term.ShardPacker})");
        }

        using var staged = new StagedOutput(folder);
        var layout = new DatasetLayout(staged.Folder);
        File.WriteAllText(Path.Combine(staged.Folder, AttributeTable.FileName), training.Dataset.Attributes.ToJson());
        foreach (var (part, dataset) in others.Append(new("train", training.Dataset)))
        {
            File.WriteAllText(layout.PartCsv(part), Format(dataset));
            PutPictures(layout.PartImages(part), dataset, copyPictures, cancellation);
        }
        training.WriteCsv(Path.Combine(staged.Folder, SimulatedLabels.CsvName));
        training.WriteChart(Path.Combine(staged.Folder, SimulatedLabels.ChartName));
        staged.Publish();
    }

    /// <summary>The labels as the text of a label file.</summary>
    internal static string Format(ImageDataset dataset)
    {
        var table = dataset.Attributes;
        var rows = dataset.Samples.Zip(PlainNames(dataset), (sample, name) => (name, sample.Labels));
        return table.Independent
            ? ClassCsv.Format(table, rows)
            : AttributeCsv.Format(table, [.. rows.Select(row => (
                row.Item1,
                Enumerable.Range(0, table.Groups.Count).Select(group => table.ClassOf(row.Labels, group)).ToArray()))]);
    }

    // A label file has plain names; sources of other kinds may have folders in theirs. What then gets the same name
    // gets a number.
    private static List<string> PlainNames(ImageDataset dataset)
    {
        var (taken, names) =
            (new HashSet<string>(StringComparer.OrdinalIgnoreCase), new List<string>(dataset.Samples.Count));
        foreach (var sample in dataset.Samples)
        {
            var plain = sample.File.Replace('/', '_').Replace('\\', '_');
            var name = plain;
            for (var number = 2; !taken.Add(name); number++)
                name = $"{Path.GetFileNameWithoutExtension(plain)}-{number}{Path.GetExtension(plain)}";
            names.Add(name);
        }
        return names;
    }

    private static void PutPictures(string folder, ImageDataset dataset, bool copy, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        var names = PlainNames(dataset);
        var sources = dataset.Samples.Select(sample => Path.GetDirectoryName(Path.GetFullPath(sample.Path))!)
            .Distinct(StringComparer.Ordinal).Take(2).ToList();
        try
        {
            // A picture inside a shard is no file to link to.
            if (!copy && sources is [var only] && dataset.Samples.All(sample => sample.ByteCount is null)
                && dataset.Samples.Zip(names).All(pair => Path.GetFileName(pair.First.Path) == pair.Second))
            {
                Directory.CreateSymbolicLink(folder, only);
                return;
            }
            Directory.CreateDirectory(folder);
            foreach (var (sample, name) in dataset.Samples.Zip(names))
            {
                cancellation.ThrowIfCancellationRequested();
                var file = Path.Combine(folder, name);
                if (copy || sample.ByteCount is not null)
                    File.WriteAllBytes(file, sample.FileBytes());
                else
                    File.CreateSymbolicLink(file, Path.GetFullPath(sample.Path));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var what = copy ? "copied" : (Wording)$"linked to; give {Term.CopyPictures}";
            throw new InputException($"{folder}: pictures cannot be {what} ({e.Message.ReplaceLineEndings(" ")})", e);
        }
    }
}
