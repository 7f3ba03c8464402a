namespace Flixstock.Engine;

/// <summary>
/// A user's own data set: <c>train.csv</c>, <c>val.csv</c>, <c>test.csv</c>, pictures in <c>images/</c> or named
/// relative to the folder. The header says what the columns are: attributes as the garments have them or as
/// <c>dataset.json</c> describes them, otherwise one column for each class.
/// </summary>
internal sealed class CsvFormat : DatasetFormat
{
    private const string Images = "images";

    public override DatasetType Type => DatasetType.Csv;

    public override string? Recognise(string folder, CancellationToken cancellation = default) =>
        DatasetLayout.Parts.Select(part => PartCsv(folder, part)).Where(File.Exists)
            .Select(path => Relative(folder, path)).FirstOrDefault();

    public override bool Has(string folder, string part, CancellationToken cancellation = default) =>
        File.Exists(PartCsv(folder, part));

    public override ImageDataset Load(PartRequest request)
    {
        var csv = PartCsv(request.Folder, request.Part);
        if (!File.Exists(csv))
        {
            throw new InputException($"{csv}: there is no such file; it must list the pictures of the part "
                + $"'{request.Part}' (filename and a column for each class or attribute)");
        }
        var columns = CsvColumns.Of(csv, PartCsv(request.Folder, "train"), request.Note, request.Cancellation);
        var folders =
            new[] { new PictureFolders(Path.Combine(request.Folder, Images)), new PictureFolders(request.Folder) };
        return Samples(
            request, csv, columns.Attributes, columns.Read(request),
            file => folders[0].Find(file) ?? folders[1].Find(file),
            $"{Path.Combine(request.Folder, Images)} or {request.Folder}");
    }

    /// <summary>The rows whose pictures exist.</summary>
    /// <param name="request">The request, which is told about the others.</param>
    /// <param name="csv">The label file.</param>
    /// <param name="attributes">The classes of the file.</param>
    /// <param name="rows">The rows of the file.</param>
    /// <param name="find">The path of a picture, or null.</param>
    /// <param name="images">The folder in which pictures should be, for messages.</param>
    public static ImageDataset Samples(
        PartRequest request, string csv, AttributeTable attributes, List<LabelRow> rows,
        Func<string, string?> find, string images)
    {
        if (rows.Count == 0)
            throw new InputException($"{csv}: there are no rows below the header; at least one picture is needed");
        var samples = new List<Sample>(rows.Count);
        var first = new Dictionary<string, LabelRow>(rows.Count, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            request.Cancellation.ThrowIfCancellationRequested();
            var where = $"{csv}: row {row.Row}, column '{LabelColumns.FileColumn}'";
            if (find(row.File) is not { } path)
            {
                request.Missing(where, row.File, images);
            }
            else if (first.TryAdd(path, row))
            {
                samples.Add(new Sample(row.File, path, row.Labels));
            }
            else
            {
                request.Fault(
                    FaultKind.Contradiction, row.File, where,
                    $"'{row.File}' is the file {path}, which row {first[path].Row} names as '{first[path].File}'",
                    "keep one of the two rows");
            }
        }
        request.WithoutLabels.AddRange(request.Faulty.Select(find).OfType<string>());
        return new ImageDataset(attributes, samples);
    }

    /// <summary>
    /// The label file of a part, also <c>Train.csv</c> or <c>valid.csv</c>; <c>train.csv</c> if there is none.
    /// </summary>
    /// <exception cref="InputException">There are two.</exception>
    public static string PartCsv(string folder, string part)
    {
        var names = FolderWalk.Files(folder).Where(name => name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
            && PartNames.PartOf(Path.GetFileNameWithoutExtension(name)) == part).ToList();
        return Path.Combine(folder, PartNames.Single(folder, part, names) ?? $"{part}.csv");
    }
}
