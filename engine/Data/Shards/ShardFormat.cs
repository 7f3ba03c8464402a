namespace Flixstock.Engine;

/// <summary>
/// Tar files <c>train-000000.tar</c>, <c>val-000000.tar</c>, ... of pictures and their labels (files of one name with the endings <c>.jpg</c> and <c>.json</c> or
/// <c>.cls</c>), and <c>dataset.json</c> with the classes. Only headers and labels are read at first; pictures are read where they lie in the tar files.
/// </summary>
internal sealed class ShardFormat : DatasetFormat
{
    private const long LongestLabels = 16 << 20;

    public override DatasetType Type => DatasetType.Shards;

    public override string? Recognise(string folder, CancellationToken cancellation = default) => DatasetLayout.Parts.SelectMany(part => ShardsOf(folder, part)).Select(path => Relative(folder, path)).FirstOrDefault();

    public override bool Has(string folder, string part, CancellationToken cancellation = default) => ShardsOf(folder, part).Count > 0;

    public override ImageDataset Load(PartRequest request)
    {
        var shards = ShardsOf(request.Folder, request.Part);
        if (shards.Count == 0)
            throw new InputException($"{Path.Combine(request.Folder, $"{request.Part}-*.tar")}: there is no such file; make shards with 'flixstock data pack'");
        var attributes = Attributes(request.Folder, shards, request.Cancellation);
        var labels = new ShardLabels(attributes);
        var (samples, counts) = (new List<Sample>(), new List<int>());
        foreach (var shard in shards)
        {
            var before = samples.Count;
            ReadShard(shard, labels, samples, request.Cancellation);
            counts.Add(samples.Count - before);
        }
        RequireUnique(samples);
        return new ImageDataset(attributes, samples) { Order = seed => new ShardOrder(counts, seed) };
    }

    /// <summary>The shards of a part, by name.</summary>
    public static List<string> ShardsOf(string folder, string part)
    {
        var files = FolderWalk.Files(folder).Where(IsTar).ToList();
        var prefix = PartNames.Single(folder, part, PartNames.Of(part, files.Select(Prefix).Distinct(StringComparer.Ordinal)));
        var own = PartNames.Single(folder, part, PartNames.Of(part, FolderWalk.Subfolders(folder)).FindAll(name => FolderWalk.Files(Path.Combine(folder, name)).Exists(IsTar)));
        return
        [
            .. files.Where(name => Prefix(name) == prefix).Select(name => Path.Combine(folder, name)),
            .. own is null ? [] : FolderWalk.Files(Path.Combine(folder, own)).Where(IsTar).Select(name => Path.Combine(folder, own, name)),
        ];

        static bool IsTar(string name) => name.EndsWith(".tar", StringComparison.OrdinalIgnoreCase);
        static string Prefix(string name) => name.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash ? name[..dash] : "";
    }

    private static AttributeTable Attributes(string folder, List<string> shards, CancellationToken cancellation)
    {
        var described = Path.Combine(folder, AttributeTable.FileName);
        if (File.Exists(described))
            return AttributeTable.LoadBeside(described);
        // Without a description only numbers of classes can be understood; the training part has all of them.
        var (classes, train) = (0, ShardsOf(folder, "train"));
        foreach (var shard in train.Count > 0 ? train : shards)
        {
            using var stream = Open(shard);
            foreach (var member in TarEntries.Read(shard, stream, cancellation).Where(member => member.Name.EndsWith(".cls", StringComparison.OrdinalIgnoreCase)))
                classes = Math.Max(classes, ShardLabels.Number(Bytes(shard, stream, member), Where(shard, member)) + 1);
        }
        return classes >= 2
            ? new AttributeTable([new AttributeGroup("Class", "class", classes)])
            : throw new InputException($"{described}: there is no such file; it must describe the classes that the shards' labels name");
    }

    private static void ReadShard(string shard, ShardLabels labels, List<Sample> samples, CancellationToken cancellation)
    {
        using var stream = Open(shard);
        TarMember? picture = null;
        (string? File, SampleLabels Labels)? known = null;
        var key = "";
        foreach (var member in TarEntries.Read(shard, stream, cancellation))
        {
            var (name, ending) = Split(member.Name);
            if (name != key)
                Finish();
            key = name;
            if (PictureNames.IsPictureEnding(ending))
                picture = member;
            else if (ending is ".json")
                known = labels.ReadJson(Bytes(shard, stream, member), Where(shard, member));
            else if (ending is ".cls")
                known = (null, labels.ReadClass(Bytes(shard, stream, member), Where(shard, member)));
        }
        Finish();

        void Finish()
        {
            if (picture is { } found)
            {
                if (known is not { } told)
                    throw new InputException($"{Where(shard, found)}: the picture has no labels; they must follow or precede it as '{key}.json' or '{key}.cls'");
                samples.Add(new Sample(told.File ?? found.Name, shard, told.Labels) { Offset = found.Offset, ByteCount = checked((int)found.Length) });
            }
            else if (known is not null)
            {
                throw new InputException($"{shard}: the labels of '{key}' have no picture; pack the data set again");
            }
            (picture, known) = (null, null);
        }
    }

    private static void RequireUnique(List<Sample> samples)
    {
        var seen = new Dictionary<string, Sample>(samples.Count, StringComparer.Ordinal);
        foreach (var sample in samples)
        {
            if (!seen.TryAdd(sample.File, sample))
                throw new InputException($"{sample.Name}: a picture of this name is already in {seen[sample.File].Path}; pack the data set again");
        }
    }

    // As WebDataset: a sample is all files of a name up to the first dot of the last part.
    private static (string Key, string Ending) Split(string name)
    {
        var dot = name.IndexOf('.', name.LastIndexOf('/') + 1);
        return dot < 0 ? (name, "") : (name[..dot], Path.GetExtension(name).ToLowerInvariant());
    }

    private static string Where(string shard, TarMember member) => $"{shard}: {member.Name} (at byte {member.Offset})";

    private static byte[] Bytes(string shard, FileStream stream, TarMember member)
    {
        if (member.Length > LongestLabels)
            throw new InputException($"{Where(shard, member)}: labels of {member.Length} bytes; pack the data set again");
        var bytes = new byte[member.Length];
        stream.Position = member.Offset;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static FileStream Open(string shard)
    {
        try
        {
            return new FileStream(shard, FileMode.Open, FileAccess.Read, FileShare.Read, 4096);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{shard}: cannot be read: {e.Message}", e);
        }
    }
}
