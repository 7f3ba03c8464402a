using System.Text.RegularExpressions;

namespace Flixstock.Engine;

/// <summary>
/// MS-COCO's detection annotations as labels of whole pictures. As the reference project does: a category is there if any annotation of the picture names it,
/// whatever its area and whether or not it is a crowd; every other category is not there; pictures without annotations are left out. Classes are in the
/// order of category ids, pictures in the order of the file.
/// </summary>
internal sealed partial class CocoFormat : DatasetFormat
{
    public override DatasetType Type => DatasetType.Coco;

    public override string? Recognise(string folder) => Find(folder, "instances_*.json", "annotations") is [var first, ..] ? Relative(folder, first) : null;

    public override bool Has(string folder, string part) => Files(folder, part).Any();

    public override ImageDataset Load(PartRequest request)
    {
        var (path, images) = Choose(request);
        var file = InstanceFile.Read(path);
        var classes = file.Categories.Keys.Select((id, k) => (id, k)).ToDictionary(pair => pair.id, pair => pair.k);
        var attributes = AttributeTable.OfClasses([.. file.Categories.Values]);
        var present = file.Instances.ToLookup(instance => instance.Picture, instance => classes[instance.Category]);
        var folders = new PictureFolders(images);
        var samples = new List<Sample>(file.Pictures.Count);
        var empty = 0;
        foreach (var picture in file.Pictures)
        {
            if (!present.Contains(picture.Id))
            {
                empty++;
                continue;
            }
            if (folders.Find(picture.File) is not { } found)
            {
                request.Missing($"{path}: byte {picture.Offset}", picture.File, images);
                continue;
            }
            var labels = new sbyte[classes.Count];
            foreach (var k in present[picture.Id])
                labels[k] = 1;
            samples.Add(new Sample(picture.File, found, labels));
        }
        if (empty > 0)
            request.Note($"{empty} pictures of {request.Part} without annotations are left out, as the reference project does");
        return new ImageDataset(attributes, samples);
    }

    // Of several years the latest whose pictures are there.
    private static (string Path, string Images) Choose(PartRequest request)
    {
        var files = Files(request.Folder, request.Part).OrderByDescending(file => file.Name, StringComparer.Ordinal).ToList();
        if (files.Count == 0)
            throw new InputException($"{Path.Combine(request.Folder, "annotations", $"instances_{request.Part}*.json")}: there is no such file; COCO publishes labels for the parts train and val");
        foreach (var (path, name) in files)
        {
            if (ImageFolder(request.Folder, name) is { } images)
            {
                if (files.Count > 1)
                    request.Note($"of {files.Count} files for {request.Part}, {Path.GetFileName(path)} is read");
                return (path, images);
            }
        }
        throw new InputException($"{Path.Combine(request.Folder, files[0].Name)}: there is no such folder; it must hold the pictures that {files[0].Path} names");
    }

    private static string? ImageFolder(string folder, string name) =>
        new[] { name, Path.Combine("images", name), "images" }.Select(place => Path.Combine(folder, place)).FirstOrDefault(Directory.Exists);

    private static IEnumerable<(string Path, string Name)> Files(string folder, string part) => Find(folder, $"instances_{part}*.json", "annotations")
        .Select(path => (path, FileName().Match(Path.GetFileName(path)).Groups[1].Value)).Where(file => file.Value.Length > 0);

    [GeneratedRegex(@"^instances_([A-Za-z]+\d*)\.json$")]
    private static partial Regex FileName();
}
