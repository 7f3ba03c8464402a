namespace Flixstock.Engine;

/// <summary>
/// Tar files <c>train-000000.tar</c>, <c>val-000000.tar</c>, ... of pictures and their labels (files of one name with
/// the endings <c>.jpg</c> and <c>.json</c> or <c>.cls</c>), and <c>dataset.json</c> with the classes. Only headers and
/// labels are read at first; pictures are read in place from the tar files. <c>pixels.json</c> makes it a pack of raw
/// pixels: <c>.rgb</c> in the place of <c>.jpg</c>.
/// </summary>
internal sealed class ShardFormat : DatasetFormat
{
    public override DatasetType Type => DatasetType.Shards;

    public override string? Recognise(string folder, CancellationToken cancellation = default) => DatasetLayout.Parts
        .SelectMany(part => ShardsOf(folder, part)).Select(path => Relative(folder, path)).FirstOrDefault();

    public override bool Has(string folder, string part, CancellationToken cancellation = default) =>
        ShardsOf(folder, part).Count > 0;

    public override ImageDataset Load(PartRequest request)
    {
        var shards = ShardsOf(request.Folder, request.Part);
        if (shards.Count == 0)
        {
            throw new InputException($"{Path.Combine(request.Folder, $"{request.Part}-*.tar")}: there is no such file; "
                + $"make shards with {Term.ShardPacker}");
        }

        var attributes = Attributes(request.Folder, shards, request.Cancellation);
        var others = new PassedOver();
        var raw = RawNote.Read(request.Folder);
        var reader = new ShardReader(new ShardLabels(attributes), others, raw);
        var (samples, counts) = (new List<Sample>(), new List<int>());
        foreach (var shard in shards)
        {
            var own = reader.Read(shard, request.Cancellation);
            samples.AddRange(own);
            counts.Add(own.Count);
        }
        RequireUnique(samples);
        return new ImageDataset(attributes, samples)
        {
            // Raw pixels can be reached in any order, so they come in the same one as single files of pictures.
            Order = raw is null ? seed => new ShardOrder(counts, seed) : null,
            Others = others,
        };
    }

    /// <summary>The shards of a part, by name.</summary>
    public static List<string> ShardsOf(string folder, string part)
    {
        var files = FolderWalk.Files(folder).Where(IsTar).ToList();
        var prefix = PartNames.Single(
            folder, part, PartNames.Of(part, files.Select(Prefix).Distinct(StringComparer.Ordinal)));
        var own = PartNames.Single(folder, part, PartNames.Of(part, FolderWalk.Subfolders(folder))
            .FindAll(name => FolderWalk.Files(Path.Combine(folder, name)).Exists(IsTar)));
        return
        [
            .. files.Where(name => Prefix(name) == prefix).Select(name => Path.Combine(folder, name)),
            .. own is null
                ? []
                : FolderWalk.Files(Path.Combine(folder, own)).Where(IsTar)
                    .Select(name => Path.Combine(folder, own, name)),
        ];

        static bool IsTar(string name) => name.EndsWith(".tar", StringComparison.OrdinalIgnoreCase);
        static string Prefix(string name) =>
            name.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash ? name[..dash] : "";
    }

    private static AttributeTable Attributes(string folder, List<string> shards, CancellationToken cancellation)
    {
        var described = Path.Combine(folder, AttributeTable.FileName);
        if (File.Exists(described))
            return AttributeTable.LoadBeside(described);
        // Without a description only numbers of classes are supported; the training part has all of them.
        var (classes, train) = (0, ShardsOf(folder, "train"));
        foreach (var shard in train.Count > 0 ? train : shards)
            classes = ShardReader.Numbers(shard, cancellation).Append(classes - 1).Max() + 1;
        return classes >= 2
            ? new AttributeTable([new AttributeGroup("Class", "class", classes)])
            : throw new InputException(
                $"{described}: there is no such file; it must describe the classes that the shards' labels name");
    }

    private static void RequireUnique(List<Sample> samples)
    {
        var seen = new Dictionary<string, Sample>(samples.Count, StringComparer.Ordinal);
        foreach (var sample in samples)
        {
            if (!seen.TryAdd(sample.File, sample))
            {
                throw new InputException($"{sample.Name}: a picture of this name is already there, "
                    + $"{seen[sample.File].Name}; pack the data set again");
            }
        }
    }
}
