namespace Flixstock.Engine;

/// <summary>
/// The layout that <see cref="DatasetSplitter"/> writes; the names are in <see cref="DatasetLayout"/>.
/// </summary>
internal sealed class GarmentFormat : DatasetFormat
{
    public override DatasetType Type => DatasetType.Garments;

    public override string? Recognise(string folder, CancellationToken cancellation = default) =>
        DatasetLayout.Parts.Select(part => Path.GetFileName(new DatasetLayout(folder).PartCsv(part)))
            .FirstOrDefault(file => File.Exists(Path.Combine(folder, file)));

    public override bool Has(string folder, string part, CancellationToken cancellation = default) =>
        File.Exists(new DatasetLayout(folder).PartCsv(part));

    public override ImageDataset Load(PartRequest request)
    {
        var layout = new DatasetLayout(request.Folder);
        if (!File.Exists(layout.PartCsv(request.Part)))
        {
            throw new InputException(
                $"{layout.PartCsv(request.Part)}: there is no such file; run "
                    + $"{Term.DatasetSplitter(request.Folder)} first");
        }

        return Read(request, layout.PartCsv(request.Part), layout.PartImages(request.Part));
    }

    /// <summary>A label file whose pictures lie in one folder.</summary>
    public static ImageDataset Read(PartRequest request, string csvPath, string imageFolder)
    {
        var training = Path.Combine(
            Path.GetDirectoryName(Path.GetFullPath(csvPath))!,
            Path.GetFileName(new DatasetLayout("").PartCsv("train")));
        var attributes = LabelFile.Describe(csvPath, training, request.Note, request.Cancellation)
            ?? AttributeTable.Garments;
        var rows = LabelFile.Read(csvPath, attributes, attributes.Independent, paths: false, request.Cancellation);
        var present = ImageDataset.FilesIn(imageFolder);
        return CsvFormat.Samples(
            request, csvPath, attributes, rows,
            file => present.Contains(file) ? Path.Combine(imageFolder, file) : null, imageFolder);
    }
}
