namespace Flixstock.Engine;

/// <summary>
/// OpenImages' labels of whole pictures: 1 positive, 0 searched for by a person and negative, everything else unknown.
/// The part is the folder a picture lies in;
/// classes are those of the list of trainable ones, in its order.
/// </summary>
internal sealed class OpenImagesFormat : DatasetFormat
{
    public override DatasetType Type => DatasetType.OpenImages;

    public override string? Recognise(string folder, CancellationToken cancellation = default) =>
        DatasetLayout.Parts.SelectMany(part => OpenImagesFiles.LabelFiles(folder, part))
            .Select(path => Relative(folder, path)).FirstOrDefault();

    public override bool Has(string folder, string part, CancellationToken cancellation = default) =>
        OpenImagesFiles.LabelFiles(folder, part).Count > 0;

    public override ImageDataset Load(PartRequest request)
    {
        var files = OpenImagesFiles.Of(request.Folder, request.Part);
        var classes = OpenImagesClasses.Read(files);
        var index = Index(request, files, classes);
        foreach (var note in index.Notes)
            request.Note(note);
        var folder = ImageFolder(request);
        var pictures = Pictures(folder, request.Cancellation);
        var samples = new List<Sample>(index.Pictures);
        var unlabelled = 0;
        for (var i = 0; i < index.Pictures; i++)
        {
            request.Cancellation.ThrowIfCancellationRequested();
            var name = index.Name(i);
            if (index.LabelStarts[i] == index.LabelStarts[i + 1])
            {
                unlabelled++;
            }
            else if (pictures.TryGetValue(name, out var path))
            {
                samples.Add(new Sample(
                    Path.GetFileName(path), path,
                    SampleLabels.FromCodes(classes.Identifiers.Count, index.LabelsOf(i))));
            }
            else
            {
                request.Missing($"{files.Labels}: row {index.FirstRows[i]}", $"{name}.jpg", folder);
            }
        }
        if (unlabelled > 0)
        {
            request.Note($"{unlabelled} pictures of {request.Part} have only labels that contradict each other "
                + $"and are left out");
        }
        return new ImageDataset(classes.Attributes, samples);
    }

    /// <summary>The labels of a part, from the file of an earlier reading if nothing has changed since.</summary>
    internal static LabelIndex Index(PartRequest request, OpenImagesFiles files, OpenImagesClasses classes)
    {
        var path = Path.Combine(request.Folder, ".flixstock", $"openimages-{request.Part}.index");
        var key = LabelIndex.KeyOf(files.Labels, files.Descriptions, files.Trainable);
        if (LabelIndex.TryRead(path, key) is { } known)
            return known;
        var index = ImageLabelReader.Read(files.Labels, classes, request.Cancellation);
        try
        {
            index.Write(path, key, request.Cancellation);
        }
        catch (EngineException e)
        {
            request.Note($"the labels must be read anew every time: {e.Message}"); // a read-only data set is no fault
        }
        return index;
    }

    private static string ImageFolder(PartRequest request)
    {
        var published = OpenImagesFiles.Published(request.Part);
        var images = Path.Combine(request.Folder, "images");
        return new[] { published, request.Part, Path.Combine("images", published) }.Select(
            name => Path.Combine(request.Folder, name)).FirstOrDefault(Directory.Exists)
            ?? new[] { request.Folder, images }.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories)
                .Order(StringComparer.Ordinal)
                .FirstOrDefault(path => PartNames.PartOf(Path.GetFileName(path)) == request.Part)
            ?? throw new InputException($"{Path.Combine(request.Folder, published)}: there is no such folder; it must "
                + $"hold the pictures of the part, named by their ImageID");
    }

    // The training pictures come in sixteen archives, each with its own folder.
    private static Dictionary<string, string> Pictures(string folder, CancellationToken cancellation)
    {
        var pictures = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in FolderWalk.Pictures(folder, cancellation))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (!pictures.TryAdd(name, Path.Combine(folder, file)))
            {
                throw new InputException(
                    $"{Path.Combine(folder, file)}: {pictures[name]} has the same ImageID; keep one of the two");
            }
        }
        return pictures;
    }
}
