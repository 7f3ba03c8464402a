namespace Flixstock.Engine;

/// <summary>
/// MS-COCO's detection annotations as labels of whole pictures. As the reference project does: a category is positive
/// if any annotation of the picture names it, regardless of its area and whether or not it is a crowd; every other
/// category is negative; pictures without annotations are left out. Classes are in the order of category ids, pictures
/// in the order of the file. A single file without parts is divided 80 : 10 : 10, always the same way.
/// </summary>
internal sealed class CocoFormat : DatasetFormat
{
    private const ulong SplitSeed = 1337;
    private const long FewPictures = 1 << 16; // a file of this many bytes may hold fewer pictures than there are parts

    public override DatasetType Type => DatasetType.Coco;

    public override string? Recognise(string folder, CancellationToken cancellation = default) =>
        CocoFiles.Of(folder).Named is { } path ? Relative(folder, path) : null;

    public override bool Has(string folder, string part, CancellationToken cancellation = default)
    {
        var files = CocoFiles.Of(folder);
        if (files.Undivided is not { } whole)
            return files.OfPart(part).Count > 0;
        return new FileInfo(whole.Path).Length > FewPictures
            || new Division(Annotated(InstanceFile.Read(whole.Path, cancellation)).Count).Has(part);
    }

    public override ImageDataset Load(PartRequest request)
    {
        var files = CocoFiles.Of(request.Folder);
        var whole = files.Undivided;
        var (chosen, pictures) = Choose(request, files, whole);
        var file = InstanceFile.Read(chosen.Path, request.Cancellation);
        file.SettleClasses(
            DatasetLayout.Parts.SelectMany(part => files.OfPart(part).Take(1)).Select(other => other.Path));
        file.Notes.ForEach(request.Note);
        request.Orphans(file.Path, [.. file.Orphans.Select(orphan => (orphan.Offset, orphan.Picture))]);
        if (whole is not null)
        {
            request.Note($"{Relative(request.Folder, whole.Path)} has no parts: its pictures are divided 80 : 10 : 10, "
                + $"always the same way");
        }
        if (!pictures.Exists && file.Pictures.TrueForAll(picture => pictures.Find(picture.File) is null))
        {
            throw new InputException(
                $"{pictures.Main}: there is no such folder; it must hold the pictures that {file.Path} names");
        }
        var own = whole is null ? null : Divided(file, request.Part);
        return new ImageDataset(AttributeTable.OfClasses(file.Categories.Names), Samples(request, file, pictures, own));
    }

    private static List<Sample> Samples(
        PartRequest request, InstanceFile file, PictureLookup pictures, HashSet<string>? own)
    {
        var classes = file.Categories.Ids.Select((id, k) => (id, k)).ToDictionary(pair => pair.id, pair => pair.k);
        var present = file.Instances.ToLookup(instance => instance.Picture, instance => classes[instance.Category]);
        var (labelled, samples) =
            (new Dictionary<string, sbyte[]>(StringComparer.Ordinal), new List<Sample>(file.Pictures.Count));
        var (empty, again) = (0, 0);
        foreach (var picture in file.Pictures)
        {
            request.Cancellation.ThrowIfCancellationRequested();
            if (!present.Contains(picture.Id))
            {
                empty++;
                request.WithoutLabels.AddRange(pictures.Find(picture.File) is { } unlabelled ? [unlabelled] : []);
                continue;
            }
            if (own?.Contains(picture.File) == false)
                continue;
            if (labelled.TryGetValue(picture.File, out var labels))
            {
                again++;
            }
            else if (pictures.Find(picture.File) is { } found)
            {
                samples.Add(
                    new Sample(picture.File, found, labelled[picture.File] = labels = new sbyte[classes.Count]));
            }
            else
            {
                request.Missing($"{file.Path}: byte {picture.Offset}", picture.File, pictures.Main);
            }
            foreach (var k in present[picture.Id])
                labels?[k] = 1;
        }
        if (empty > 0)
        {
            request.Note($"{empty} pictures {(own is null ? $"of {request.Part} " : "")}without annotations are left "
                + $"out, as the reference project does");
        }
        if (again > 0)
        {
            request.Note(
                $"{again} images of {request.Part} have the file of another image: the annotations of both count");
        }
        return samples;
    }

    private static List<string> Annotated(InstanceFile file)
    {
        var present = file.Instances.Select(instance => instance.Picture).ToHashSet();
        return [.. file.Pictures.Where(picture => present.Contains(picture.Id)).Select(picture => picture.File)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static HashSet<string> Divided(InstanceFile file, string part)
    {
        var names = Annotated(file).ToArray();
        new SeededRandom(SplitSeed).Shuffle(names.AsSpan());
        var division = new Division(names.Length);
        return [.. names.Where(_ => division.Next() == part)];
    }

    // Of several years, the latest whose pictures are present.
    private static (CocoFile File, PictureLookup Pictures) Choose(PartRequest request, CocoFiles files, CocoFile? whole)
    {
        var candidates = whole is not null ? [whole] : files.OfPart(request.Part);
        if (candidates is [{ Exact: false } first, var second, ..])
        {
            throw new InputException($"{first.Path}: {Path.GetFileName(second.Path)} could be the part "
                + $"'{request.Part}' as well; keep one, or call it annotations/instances_{request.Part}.json");
        }
        var lookups = candidates.ConvertAll(
            file => (File: file, Pictures: new PictureLookup(file.Folders, request.Folder)));
        if (lookups.Count == 0)
        {
            throw new InputException(
                $"{Path.Combine(request.Folder, "annotations", $"instances_{request.Part}*.json")}: there is no such "
                    + $"file; COCO publishes labels for the parts train and val{files.Hint(request.Part)}");
        }
        var chosen =
            lookups.FindIndex(file => file.Pictures.Exists) is >= 0 and var found ? lookups[found] : lookups[0];
        if (candidates.Count > 1)
        {
            request.Note(
                $"of {candidates.Count} files for {request.Part}, {Path.GetFileName(chosen.File.Path)} is read");
        }
        return chosen;
    }
}
