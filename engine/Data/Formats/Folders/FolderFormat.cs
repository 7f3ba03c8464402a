namespace Flixstock.Engine;

/// <summary>
/// A folder of pictures for every class, classes exclusive: <c>train/CLASS/*.jpg</c>, <c>val/CLASS/*.jpg</c>, or
/// <c>CLASS/*.jpg</c>, which is divided 80 : 10 : 10 within every class, always the same way. Pictures may lie in
/// folders below a class.
/// </summary>
internal sealed class FolderFormat : DatasetFormat
{
    private const ulong SplitSeed = 1337;

    public override DatasetType Type => DatasetType.Folders;

    public override string? Recognise(string folder, CancellationToken cancellation = default)
    {
        var parts = FolderParts.Of(folder, cancellation);
        var root = parts.Divided ? parts.ClassRoots[0] : folder;
        var classes = FolderParts.ClassFolders(root, cancellation);
        return classes is [var first, ..] && first != "images" && (classes.Count > 1
            || FolderWalk.Files(Path.Combine(root, first), cancellation).Any(PictureNames.IsPicture))
            ? $"{Relative(folder, Path.Combine(root, first)).Replace('\\', '/')}/ and other folders of pictures"
            : null;
    }

    public override bool Has(string folder, string part, CancellationToken cancellation = default)
    {
        var parts = FolderParts.Of(folder, cancellation);
        return parts.Divided
            ? parts.FolderOf(part) is not null
            : new Division(Pictures(folder, cancellation).Take(Division.FewPictures).Count()).Has(part);
    }

    public override ImageDataset Load(PartRequest request)
    {
        var parts = FolderParts.Of(request.Folder, request.Cancellation);
        var root = parts.Divided ? parts.FolderOf(request.Part) : request.Folder;
        if (root is null || !Directory.Exists(root))
        {
            throw new InputException($"{root ?? Path.Combine(request.Folder, request.Part)}: there is no such folder; "
                + $"it must hold a folder of pictures for every class{parts.Present}");
        }
        var classes = parts.Classes(request.Cancellation);
        if (classes.Count < 2)
        {
            throw new InputException($"{root}: there are {classes.Count} folders of pictures; at least two classes are "
                + $"needed, a folder for each");
        }
        if (parts.Divided && FolderParts.ClassFolders(root, request.Cancellation)
            .Except(classes, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new InputException($"{Path.Combine(root, unknown)}: there is no such class below "
                + $"{Path.GetFileName(parts.ClassRoots[0])}; add one or remove the folder");
        }
        var attributes = new AttributeTable([new AttributeGroup("Class", "class", classes.Count, classes)]);
        var others = new PassedOver();
        return new ImageDataset(attributes, Samples(request, root, parts.Divided, (attributes, classes), others))
        {
            Others = others,
        };
    }

    private static List<Sample> Samples(
        PartRequest request, string root, bool divided, (AttributeTable Attributes, List<string> Names) table,
        PassedOver others)
    {
        var (attributes, classes) = table;
        // A class of the training part need not occur in every part.
        var files = classes.ConvertAll(name => !Directory.Exists(Path.Combine(root, name))
            ? []
            : Pictures(root, name, others, request.Cancellation));
        var division = divided ? null : new Division(files.Sum(list => list.Count));
        var samples = new List<Sample>();
        for (var k = 0; k < classes.Count; k++)
        {
            SampleLabels labels = attributes.Labels([k]);
            if (!divided)
            {
                new SeededRandom(SplitSeed).Derive(classes[k])
                    .Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(files[k]));
            }
            samples.AddRange(files[k].Where(_ => division is null || division.Next() == request.Part)
                .Select(file => new Sample($"{classes[k]}/{file}", Path.Combine(root, classes[k], file), labels)));
        }
        if (!divided)
            samples.Sort((a, b) => string.CompareOrdinal(a.File, b.File));
        return samples;
    }

    private static List<string> Pictures(string root, string name, PassedOver others, CancellationToken cancellation)
    {
        var pictures = new List<string>();
        foreach (var entry in FolderWalk.Below(Path.Combine(root, name), given: true, cancellation))
        {
            if (entry.Kind == WalkedKind.File && PictureNames.IsPicture(entry.Path))
                pictures.Add(entry.Path);
            else
                others.Add(entry, $"{Path.GetFileName(root)}/{name}/");
        }
        pictures.Sort(StringComparer.Ordinal);
        return pictures;
    }

    // Without their names: only their number matters.
    private static IEnumerable<WalkedEntry> Pictures(string folder, CancellationToken cancellation) =>
        FolderParts.ClassFolders(folder, cancellation)
            .SelectMany(name => FolderWalk.Below(Path.Combine(folder, name), given: false, cancellation))
            .Where(entry => entry.Kind == WalkedKind.File && PictureNames.IsPicture(entry.Path));
}
