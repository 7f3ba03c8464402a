using System.Formats.Tar;

namespace Flixstock.Engine;

/// <summary>Options of a <see cref="ShardPacker"/>.</summary>
public sealed record ShardPackerOptions
{
    /// <summary>Pictures of a shard.</summary>
    public int ShardSize { get; init; } = 1000;

    /// <summary>
    /// Decode and resize the pictures so and pack their pixels, 3 bytes each; null: pictures keep their bytes, and a
    /// pack of pixels stays one.
    /// </summary>
    public PicturePreparation? Raw { get; init; }

    /// <summary>Threads that decode; they do not change the result.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}

/// <summary>
/// Packs a data set into tar files of pictures and labels: <c>train-000000.tar</c>, ..., and <c>dataset.json</c>.
/// Pictures keep their bytes, or are decoded and resized, and their pixels packed. Readable by WebDataset and every
/// other reader of ustar; the same data gives the same bytes.
/// </summary>
public static class ShardPacker
{
    // Pictures that are decoded before the next ones are written.
    private const int MostAtOnce = 64, MostBytesAtOnce = 64 << 20;

    /// <summary>Packs all parts that the data set has; pictures keep their bytes.</summary>
    /// <param name="source">The data set.</param>
    /// <param name="folder">Folder for the shards; it must not hold shards already.</param>
    /// <param name="shardSize">Pictures of a shard.</param>
    /// <param name="progress">Receives pictures done and in all.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <returns>Shards and pictures of each part.</returns>
    /// <exception cref="InputException">Labels or a picture cannot be read, or the folder holds shards.</exception>
    public static IReadOnlyList<(string Part, int Shards, int Pictures)> Pack(
        DatasetSource source, string folder, int shardSize, IProgress<(int Done, int Total)>? progress = null,
        CancellationToken cancellation = default) =>
        Pack(source, folder, new ShardPackerOptions { ShardSize = shardSize }, progress, cancellation);

    /// <summary>Packs all parts that the data set has.</summary>
    /// <param name="source">The data set.</param>
    /// <param name="folder">Folder for the shards; it must not hold shards already.</param>
    /// <param name="options">Options of the pack.</param>
    /// <param name="progress">Receives pictures done and in all.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <returns>Shards and pictures of each part.</returns>
    /// <exception cref="InputException">Labels or a picture cannot be read, or the folder holds shards.</exception>
    public static IReadOnlyList<(string Part, int Shards, int Pictures)> Pack(
        DatasetSource source, string folder, ShardPackerOptions options,
        IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ShardSize, 1);
        if (Directory.Exists(folder) && new ShardFormat().Recognise(folder, cancellation) is { } present)
        {
            throw new InputException(
                $"{Term.Folder} {folder}: there are shards already ({present}); choose another folder");
        }
        var parts = Load((source with { Cancellation = cancellation }).Resolved());
        var samples = parts.SelectMany(part => part.Data.Samples);
        var pixels = samples.Select(sample => sample.Raw).OfType<RawPixels>().ToList();
        options = options with { Raw = options.Raw ?? pixels.FirstOrDefault()?.Preparation };
        pixels.ForEach(one => one.Require(options.Raw!.Value));
        Files.RequireWritableFolder(folder);
        using var staging = new StagedOutput(folder);
        Files.WriteAtomically(
            Path.Combine(staging.Folder, AttributeTable.FileName), parts[0].Data.Attributes.ToJson() + "\n");
        if (options.Raw is { } raw)
            Files.WriteAtomically(Path.Combine(staging.Folder, RawNote.FileName), RawNote.Write(raw));
        var (done, total) = (0, parts.Sum(part => part.Data.Samples.Count));
        var result = new List<(string, int, int)>();
        foreach (var (part, data) in parts)
        {
            var labels = new ShardLabels(data.Attributes);
            var shards = 0;
            var numbered = data.Samples.Select((sample, i) => (Sample: sample, Number: i));
            foreach (var chunk in numbered.Chunk(options.ShardSize))
            {
                var entries = Entries(chunk, options, cancellation);
                WriteShard(Path.Combine(staging.Folder, $"{part}-{shards++:d6}.tar"), entries, labels, () =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Report((++done, total));
                });
            }
            result.Add((part, shards, data.Samples.Count));
        }
        staging.Publish();
        return result;
    }

    // The parts that the data set has, with the classes of the first.
    private static List<(string Part, ImageDataset Data)> Load(DatasetSource source)
    {
        var parts = DatasetLayout.Parts.Where(source.Has)
            .Select(part => (Part: part, Data: source.Load(part))).ToList();
        if (parts.Count == 0)
            throw new InputException($"{source.Path}: the data set has none of the parts train, val and test");
        parts = parts.ConvertAll(part => (part.Part, parts[0].Data.Align(part.Data)));
        foreach (var (part, data) in parts)
            RequireUnique(part, data.Samples);
        return parts;
    }

    // Readers tell pictures apart by these names.
    private static void RequireUnique(string part, IReadOnlyList<Sample> samples)
    {
        var seen = new Dictionary<string, Sample>(samples.Count, StringComparer.Ordinal);
        foreach (var sample in samples)
        {
            if (!seen.TryAdd(sample.File, sample))
            {
                throw new InputException($"{sample.Name}: another picture of the part '{part}' has the name "
                    + $"'{sample.File}' as well, {seen[sample.File].Name}; rename one of them");
            }
        }
    }

    private static void WriteShard(
        string path, IEnumerable<(Sample Sample, int Number, string Ending, byte[] Bytes)> entries,
        ShardLabels labels, Action report) =>
        Files.WriteAtomically(path, stream =>
        {
            using var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true);
            foreach (var (sample, number, ending, bytes) in entries)
            {
                // A number, because names may contain dots and folders, which divide names in a shard.
                var key = $"{number:d8}";
                Add(tar, key + ending, bytes);
                Add(tar, key + ".json", labels.Write(sample.File, sample.Labels));
                report();
            }
        });

    private static IEnumerable<(Sample Sample, int Number, string Ending, byte[] Bytes)> Entries(
        (Sample Sample, int Number)[] samples, ShardPackerOptions options, CancellationToken cancellation)
    {
        if (options.Raw is not { } preparation)
        {
            foreach (var (sample, number) in samples)
                yield return (sample, number, Ending(sample), sample.FileBytes());
            yield break;
        }
        // Some pictures are decoded on all threads, then written in their order.
        var bytes = (int)RawPixels.BytesOf(preparation);
        foreach (var some in samples.Chunk(Math.Clamp(MostBytesAtOnce / bytes, 1, MostAtOnce)))
        {
            var pixels = Array.ConvertAll(some, _ => new byte[bytes]);
            PictureWorkers.Run(
                some.Length, options.Workers, i => some[i].Sample.Prepare(preparation, pixels[i]), cancellation);
            for (var i = 0; i < some.Length; i++)
                yield return (some[i].Sample, some[i].Number, RawNote.Ending, pixels[i]);
        }
    }

    // Readers know a picture by its ending; a name in a label file may have none.
    private static string Ending(Sample sample) =>
        new[] { sample.File, sample.Path }.Select(path => Path.GetExtension(path).ToLowerInvariant())
            .FirstOrDefault(PictureNames.IsPictureEnding) ?? ".jpg";

    private static void Add(TarWriter tar, string name, byte[] bytes) =>
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = new MemoryStream(bytes, writable: false),
            ModificationTime = DateTimeOffset.UnixEpoch,
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        });
}
