namespace Flixstock.Engine;

/// <summary>
/// A folder of pictures for every class, classes exclusive: <c>train/CLASS/*.jpg</c>, <c>val/CLASS/*.jpg</c>, or <c>CLASS/*.jpg</c>, which is divided 80 : 10 : 10
/// within every class, always the same way.
/// </summary>
internal sealed class FolderFormat : DatasetFormat
{
    private const ulong SplitSeed = 1337;

    public override DatasetType Type => DatasetType.Folders;

    public override string? Recognise(string folder)
    {
        var root = IsDivided(folder) ? Path.Combine(folder, "train") : folder;
        return ClassFolders(root) is [var first, ..] && first != "images" ? $"{Relative(folder, Path.Combine(root, first))}/ and other folders of pictures" : null;
    }

    public override bool Has(string folder, string part) => !IsDivided(folder) || Directory.Exists(Path.Combine(folder, part));

    public override ImageDataset Load(PartRequest request)
    {
        var divided = IsDivided(request.Folder);
        var root = divided ? Path.Combine(request.Folder, request.Part) : request.Folder;
        if (!Directory.Exists(root))
            throw new InputException($"{root}: there is no such folder; it must hold a folder of pictures for every class");
        var classes = ClassFolders(divided ? Path.Combine(request.Folder, "train") : root);
        if (classes.Count < 2)
            throw new InputException($"{root}: there are {classes.Count} folders of pictures; at least two classes are needed, a folder for each");
        if (divided && ClassFolders(root).Except(classes, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new InputException($"{Path.Combine(root, unknown)}: there is no such class below train; add one or remove the folder");
        var attributes = new AttributeTable([new AttributeGroup("Class", "class", classes.Count, classes)]);
        var samples = new List<Sample>();
        var place = 0;
        for (var k = 0; k < classes.Count; k++)
        {
            SampleLabels labels = attributes.Labels([k]);
            foreach (var file in Pictures(Path.Combine(root, classes[k]), divided ? null : SplitSeed))
            {
                if (divided || PartAt(place++) == request.Part)
                    samples.Add(new Sample($"{classes[k]}/{file}", Path.Combine(root, classes[k], file), labels));
            }
        }
        if (!divided)
            samples.Sort((a, b) => string.CompareOrdinal(a.File, b.File));
        return new ImageDataset(attributes, samples);
    }

    // Counting goes on from class to class, so that the parts of many small classes have the right sizes too.
    private static string PartAt(int place) => (place % 10) switch { 4 => "val", 9 => "test", _ => "train" };

    private static bool IsDivided(string folder) => Directory.Exists(Path.Combine(folder, "train"));

    private static List<string> ClassFolders(string folder)
    {
        var folders = Directory.Exists(folder) ? Directory.EnumerateDirectories(folder) : [];
        return [.. folders.Where(path => Directory.EnumerateFiles(path).Any(PictureFolders.IsPicture)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
    }

    private static string[] Pictures(string folder, ulong? seed)
    {
        var files = (Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : []).Where(PictureFolders.IsPicture).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray();
        if (seed is { } number)
            new SeededRandom(number).Derive(Path.GetFileName(folder)).Shuffle(files.AsSpan());
        return files;
    }
}
