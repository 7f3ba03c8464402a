namespace Flixstock.Engine;

/// <summary>
/// Reads the samples of a shard: files that lie together and have the same key, their name up to the first dot. A key
/// never takes a second picture or a second file of labels in silence. What a system or tar itself adds is skipped.
/// </summary>
/// <param name="labels">Understands the files of labels.</param>
/// <param name="others">Collects what is not read.</param>
/// <param name="raw">How raw pixels were made; null if the pack does not say so.</param>
internal sealed class ShardReader(ShardLabels labels, PassedOver others, PicturePreparation? raw = null)
{
    private const long LongestLabels = 16 << 20, LongestPicture = 256 << 20;

    /// <summary>The samples of a shard, in its order.</summary>
    /// <exception cref="InputException">
    /// The shard is damaged, or a picture has no labels, or a key has two pictures; names both.
    /// </exception>
    public List<Sample> Read(string shard, CancellationToken cancellation)
    {
        using var stream = Open(shard);
        var samples = new List<Sample>();
        var pixels = raw is { } preparation ? new RawPixels(shard, preparation) : null;
        var done = new Dictionary<string, TarMember>(StringComparer.Ordinal);
        var group = new Group("");
        foreach (var member in Members(shard, stream, cancellation))
        {
            var (key, ending) = Split(member.Name);
            var isPicture = PictureNames.IsPictureEnding(ending) || ending == RawNote.Ending;
            if (!isPicture && ending is not (".json" or ".cls"))
            {
                others.Add(
                    PictureNames.IsOtherPicture(member.Name) ? PassedOverReason.OtherKind : PassedOverReason.NoPicture,
                    $"{Path.GetFileName(shard)}: {member.Name}");
                continue;
            }
            if (key != group.Key)
            {
                Finish(shard, stream, group, pixels, samples);
                if (done.TryGetValue(key, out var before))
                    throw Twice(shard, member, before, $"the key '{key}' comes back behind other keys");
                group = new Group(key);
                done.Add(key, member);
            }
            ref var place =
                ref isPicture ? ref group.Picture : ref ending == ".cls" ? ref group.Number : ref group.Json;
            if (place is { } first)
            {
                throw Twice(
                    shard, member, first,
                    $"a second {(isPicture ? "picture" : "file of labels")} with the key '{key}'");
            }
            place = member;
        }
        Finish(shard, stream, group, pixels, samples);
        return samples;
    }

    /// <summary>Numbers of classes in a shard's files of labels.</summary>
    /// <exception cref="InputException">The shard is damaged, or such a file holds no number.</exception>
    public static IEnumerable<int> Numbers(string shard, CancellationToken cancellation)
    {
        using var stream = Open(shard);
        foreach (var member in Members(shard, stream, cancellation)
            .Where(member => member.Name.EndsWith(".cls", StringComparison.OrdinalIgnoreCase)))
        {
            yield return ShardLabels.Number(Bytes(shard, stream, member), Where(shard, member));
        }
    }

    private void Finish(string shard, FileStream stream, Group group, RawPixels? pixels, List<Sample> samples)
    {
        if (group.Picture is not { } picture)
        {
            if ((group.Json ?? group.Number) is not null)
            {
                throw new InputException(
                    $"{shard}: the labels of '{group.Key}' have no picture; pack the data set again");
            }
            return;
        }
        if (picture.Length > LongestPicture)
        {
            throw new InputException($"{Where(shard, picture)}: a picture of {picture.Length >> 20} MiB; at most "
                + $"{LongestPicture >> 20} MiB are read: make the picture smaller");
        }
        var isRaw = Split(picture.Name).Ending == RawNote.Ending;
        if (isRaw)
            RequireWhole(shard, picture);
        var (file, known) = Labels(shard, stream, group, picture);
        samples.Add(new Sample(file ?? picture.Name, shard, known)
        {
            Offset = picture.Offset,
            ByteCount = (int)picture.Length,
            Raw = isRaw ? pixels : null,
        });
    }

    private void RequireWhole(string shard, TarMember picture)
    {
        if (raw is not { } preparation)
        {
            throw new InputException($"{Where(shard, picture)}: raw pixels, but {RawNote.FileName}, which says of what "
                + $"size, is missing in the pack's folder; copy it there, or pack the data set again");
        }
        if (picture.Length != RawPixels.BytesOf(preparation))
        {
            throw new InputException($"{Where(shard, picture)}: {picture.Length:N0} bytes, but pixels of "
                + $"{RawPixels.Describe(preparation)} are {RawPixels.BytesOf(preparation):N0}; pack the data set again");
        }
    }

    private (string? File, SampleLabels Labels) Labels(string shard, FileStream stream, Group group, TarMember picture)
    {
        if ((group.Json ?? group.Number) is null)
        {
            throw new InputException($"{Where(shard, picture)}: the picture has no labels; they must follow or precede "
                + $"it as '{group.Key}.json' or '{group.Key}.cls'");
        }
        var json = group.Json is { } member ? (ReadOnlyMemory<byte>?)Bytes(shard, stream, member) : null;
        if (group.Number is not { } number)
            return labels.ReadJson(json!.Value, Where(shard, group.Json!.Value));
        var byNumber = labels.ReadClass(Bytes(shard, stream, number), Where(shard, number));
        if (json is null || !ShardLabels.HasLabels(json.Value, Where(shard, group.Json!.Value)))
            return (null, byNumber); // JSON of something else, such as a picture's source
        var (file, byName) = labels.ReadJson(json.Value, Where(shard, group.Json!.Value));
        return byName.SequenceEqual(byNumber)
            ? (file, byName)
            : throw Twice(shard, number, group.Json.Value, $"other labels of '{group.Key}'");
    }

    private static IEnumerable<TarMember> Members(string shard, FileStream stream, CancellationToken cancellation) =>
        TarEntries.Read(shard, stream, cancellation).Where(member => !PictureNames.IsHiddenPath(member.Name));

    // As WebDataset: the key ends at the first dot of the name; dots in folders do not count.
    private static (string Key, string Ending) Split(string name)
    {
        var dot = name.IndexOf('.', name.LastIndexOf('/') + 1);
        return dot < 0 ? (name, "") : (name[..dot], Path.GetExtension(name).ToLowerInvariant());
    }

    private static InputException Twice(string shard, TarMember second, TarMember first, string what) =>
        new($"{Where(shard, second)}: {what}, after {first.Name} (at byte {first.Offset}); a key is a name up to its "
            + $"first dot: rename the files and pack them again, or use {Term.ShardPacker}");

    private static string Where(string shard, TarMember member) => $"{shard}: {member.Name} (at byte {member.Offset})";

    private static byte[] Bytes(string shard, FileStream stream, TarMember member)
    {
        if (member.Length > LongestLabels)
        {
            throw new InputException(
                $"{Where(shard, member)}: labels of {member.Length} bytes; pack the data set again");
        }
        var bytes = new byte[member.Length];
        stream.Position = member.Offset;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static FileStream Open(string shard)
    {
        FileKind.Require(shard);
        try
        {
            return new FileStream(shard, FileMode.Open, FileAccess.Read, FileShare.Read, 4096);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{shard}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The files of one key.</summary>
    private sealed class Group(string key)
    {
        public string Key { get; } = key;

        public TarMember? Picture;
        public TarMember? Json;
        public TarMember? Number;
    }
}
