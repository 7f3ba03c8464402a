using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Flixstock.Engine;

/// <summary>What a run remembers about a picture.</summary>
/// <param name="File">Name of the file, as in the labels.</param>
/// <param name="Bytes">Length of the file; -1 if it was not read or the file is absent.</param>
/// <param name="Labels">Fingerprint of what is known about it.</param>
internal readonly record struct PictureEntry(string File, long Bytes, ulong Labels)
{
    private const long MostUnpacked = 1L << 30; // two million long names are less

    /// <summary>The pictures of a part, in their order.</summary>
    /// <param name="dataset">The part of the data set.</param>
    /// <param name="sizesOfEvery">0 or 1: the lengths of all files; n: those of every n-th, chosen by name.</param>
    /// <param name="name">Maps a picture's name to the one that it had before its class got another name; null for
    /// unchanged names.</param>
    /// <param name="anySize">Names of pictures whose length does not matter; null: none.</param>
    public static PictureEntry[] Of(ImageDataset dataset, int sizesOfEvery, Func<string, string>? name = null,
        IReadOnlySet<string>? anySize = null)
    {
        // pictures of one class share their labels
        var known = new Dictionary<SampleLabels, ulong>(ReferenceEqualityComparer.Instance);
        var entries = new PictureEntry[dataset.Samples.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            var sample = dataset.Samples[i];
            if (!known.TryGetValue(sample.Labels, out var labels))
                known.Add(sample.Labels, labels = Fingerprint(sample.Labels));
            var file = name?.Invoke(sample.File) ?? sample.File;
            entries[i] = new PictureEntry(file, anySize?.Contains(file) == true ? -1 : sample.ByteCount ?? -1, labels);
        }
        Parallel.For(0, entries.Length, i =>
        {
            if (dataset.Samples[i] is { ByteCount: null } sample && anySize?.Contains(entries[i].File) != true
                && IsLookedAt(entries[i].File, sizesOfEvery))
            {
                entries[i] =
                    entries[i] with { Bytes = new FileInfo(sample.Path) is { Exists: true } file ? file.Length : -1 };
            }
        });
        return entries;
    }

    /// <summary>Writes the pictures of both parts as a packed CSV.</summary>
    public static void Write(string path, IEnumerable<(string Part, IReadOnlyList<PictureEntry> Pictures)> parts) =>
        Files.WriteAtomically(path, stream =>
    {
        using var packed = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
        using var text =
            new StreamWriter(packed, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        text.WriteLine("part,bytes,labels,filename");
        foreach (var (part, pictures) in parts)
        {
            foreach (var picture in pictures)
            {
                text.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{part},{picture.Bytes},{picture.Labels:x16},{CsvCell.Quoted(picture.File)}"));
            }
        }
    });

    /// <summary>
    /// The pictures of a part in such a file; null if it cannot be read, since it only explains what the digests have
    /// found.
    /// </summary>
    public static List<PictureEntry>? Read(string path, string part)
    {
        try
        {
            using var packed = new GZipStream(System.IO.File.OpenRead(path), CompressionMode.Decompress);
            using var text = new StreamReader(new LimitedStream(packed, MostUnpacked), Encoding.UTF8);
            var pictures = new List<PictureEntry>();
            while (text.ReadLine() is { } line)
            {
                var cells = line.Split(',', 4);
                if (cells[0] == part)
                {
                    pictures.Add(new PictureEntry(
                        Unquoted(cells[3]), long.Parse(cells[1], CultureInfo.InvariantCulture),
                        ulong.Parse(cells[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
                }
            }
            return pictures;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException
            or FormatException or OverflowException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static bool IsLookedAt(string file, int every) =>
        every <= 1
        || BinaryPrimitives.ReadUInt32LittleEndian(Sha256.HashData(Encoding.UTF8.GetBytes(file))) % (uint)every == 0;

    // Of the known labels alone, so that it is the same however they are kept.
    private static ulong Fingerprint(SampleLabels labels)
    {
        var codes = labels.Known().Select(entry => SampleLabels.Code(entry.Class, entry.Label)).ToArray();
        return BinaryPrimitives.ReadUInt64LittleEndian(Sha256.HashData(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(codes.AsSpan())));
    }

    private static string Unquoted(string cell) =>
        cell.StartsWith('"') ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : cell;
}
