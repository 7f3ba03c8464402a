namespace Flixstock.Engine;

/// <summary>
/// LVIS' annotations as labels of whole pictures: annotated categories are positive; those of <c>neg_category_ids</c>
/// are negative; all others, including those of
/// <c>not_exhaustive_category_ids</c>, are unknown. Pictures are those of COCO 2017.
/// </summary>
internal sealed class LvisFormat : DatasetFormat
{
    public override DatasetType Type => DatasetType.Lvis;

    public override string? Recognise(string folder, CancellationToken cancellation = default) =>
        Find(folder, "lvis_*.json", "annotations") is [var first, ..] ? Relative(folder, first) : null;

    public override bool Has(string folder, string part, CancellationToken cancellation = default) =>
        Files(folder, part).Count > 0;

    public override ImageDataset Load(PartRequest request)
    {
        var path = Files(request.Folder, request.Part) is [.., var last]
            ? last
            : throw new InputException($"{Path.Combine(request.Folder, $"lvis_*_{request.Part}.json")}: there is no "
                + $"such file; LVIS publishes labels for the parts train and val");
        var file = InstanceFile.Read(path, request.Cancellation);
        file.SettleClasses([]);
        file.Notes.ForEach(request.Note);
        request.Orphans(path, [.. file.Orphans.Select(orphan => (orphan.Offset, orphan.Picture))]);
        var classes = file.Categories.Ids.Select((id, k) => (id, k)).ToDictionary(pair => pair.id, pair => pair.k);
        var there = file.Instances.ToLookup(instance => instance.Picture, instance => classes[instance.Category]);
        var folders = new PictureFolders(request.Folder);
        var samples = new List<Sample>(file.Pictures.Count);
        var first = new Dictionary<string, long>(StringComparer.Ordinal);
        var empty = 0;
        foreach (var picture in file.Pictures)
        {
            request.Cancellation.ThrowIfCancellationRequested();
            var labels = Labels(request, path, picture, [.. there[picture.Id]], classes);
            if (labels is null)
                continue;
            var found = Locate(folders, picture.File, request.Part);
            if (!labels.Known().Any())
            {
                empty++;
                request.WithoutLabels.AddRange(found is null ? [] : [found]);
            }
            else if (!first.TryAdd(picture.File, picture.Offset))
            {
                request.Fault(
                    FaultKind.Contradiction, picture.File, $"{path}: byte {picture.Offset}",
                    $"the picture '{picture.File}' is listed twice, first at byte {first[picture.File]}",
                    "keep one of the two");
            }
            else if (found is not null)
            {
                samples.Add(new Sample(picture.File, found, labels));
            }
            else
            {
                request.Missing($"{path}: byte {picture.Offset}", picture.File, request.Folder);
            }
        }
        request.WithoutLabels.AddRange(
            request.Faulty.Select(file => Locate(folders, file, request.Part)).OfType<string>());
        if (empty > 0)
            request.Note($"{empty} pictures of {request.Part} without any known label are left out");
        return new ImageDataset(AttributeTable.OfClasses(file.Categories.Names), samples);
    }

    private static SampleLabels? Labels(
        PartRequest request, string path, InstancePicture picture, HashSet<int> there,
        Dictionary<InstanceId, int> classes)
    {
        var absent = picture.Negative.Select(id => classes[id]).ToHashSet();
        if (absent.Overlaps(there))
        {
            request.Fault(
                FaultKind.Contradiction, picture.File, $"{path}: byte {picture.Offset}",
                $"image {picture.Id} has annotations of a category that neg_category_ids says is not there",
                "remove one of the two");
            return null;
        }
        absent.ExceptWith(picture.NotExhaustive.Select(id => classes[id]));
        return SampleLabels.Sparse(
            classes.Count, there.Select(k => (k, (sbyte)1)).Concat(absent.Select(k => (k, (sbyte)0))));
    }

    // Names come with COCO's folder (train2017/...) or, in older files, without; LVIS' validation pictures partly lie
    // in COCO's training folder.
    private static string? Locate(PictureFolders folders, string file, string part) =>
        new[] { file, $"images/{file}", $"{part}2017/{file}", $"train2017/{file}", $"val2017/{file}" }.Select(
            folders.Find).FirstOrDefault(path => path is not null);

    private static List<string> Files(string folder, string part) => Find(folder, $"lvis_*{part}.json", "annotations");
}
