using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// The labels of millions of pictures in four flat arrays: the contents of a label file, sorted by picture. Can be kept
/// on the disk under a key, so that the
/// rows are read once.
/// </summary>
internal sealed class LabelIndex
{
    private const string Magic = "flixstock label index 1";
    private const int MostNotes = 16;

    /// <summary>Names of the pictures, one after the other, UTF-8.</summary>
    public required byte[] Names { get; init; }

    /// <summary>[pictures + 1] start of each name.</summary>
    public required int[] NameStarts { get; init; }

    /// <summary>[pictures + 1] start of each picture's labels.</summary>
    public required int[] LabelStarts { get; init; }

    /// <summary>Classes and labels of each picture, ascending, as <see cref="SampleLabels.Code"/>.</summary>
    public required int[] Labels { get; init; }

    /// <summary>[pictures] the row that names each first.</summary>
    public required int[] FirstRows { get; init; }

    /// <summary>Notes from reading the rows.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    public int Pictures => NameStarts.Length - 1;

    public string Name(int picture) =>
        Encoding.UTF8.GetString(Names, NameStarts[picture], NameStarts[picture + 1] - NameStarts[picture]);

    public int[] LabelsOf(int picture) => Labels[LabelStarts[picture]..LabelStarts[picture + 1]];

    /// <summary>Names, sizes and times of the files that an index is made of.</summary>
    public static string KeyOf(params string?[] files) => string.Join('\n', files.Select(path => path is null
        ? "-"
        : $"{Path.GetFileName(path)} {new FileInfo(path).Length} {File.GetLastWriteTimeUtc(path).Ticks}")
        .Prepend(Magic));

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Write(string path, string key, CancellationToken cancellation = default) =>
        Files.WriteAtomically(path, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            writer.Write(key);
            writer.Write(Notes.Count);
            foreach (var note in Notes)
                writer.Write(note);
            WriteArray<byte>(writer, Names);
            WriteArray<int>(writer, NameStarts);
            WriteArray<int>(writer, LabelStarts);
            WriteArray<int>(writer, Labels);
            WriteArray<int>(writer, FirstRows);
            writer.Write(Sum());
        }, cancellation);

    /// <summary>
    /// Reads the file; null if there is none, or one with another key, or one that is damaged: then it must be made
    /// again.
    /// </summary>
    public static LabelIndex? TryRead(string path, string key)
    {
        try
        {
            if (!File.Exists(path) || FileKind.Irregular(path) is not null)
                return null;
            using var stream = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            using var reader = new BinaryReader(stream, Encoding.UTF8);
            if (reader.ReadString() != key)
                return null;
            var notes = ReadNotes(reader);
            var index = new LabelIndex
            {
                Notes = notes,
                Names = ReadArray<byte>(reader),
                NameStarts = ReadArray<int>(reader),
                LabelStarts = ReadArray<int>(reader),
                Labels = ReadArray<int>(reader),
                FirstRows = ReadArray<int>(reader),
            };
            return reader.ReadUInt32() == index.Sum() ? index : null;
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or FormatException or InvalidDataException)
        {
            return null; // it only saves time
        }
    }

    // Whoever reads the arrays goes by what is in them, so a single wrong bit must be noticed.
    private uint Sum()
    {
        uint sum = 0;
        foreach (var values in new[] { NameStarts, LabelStarts, Labels, FirstRows })
        {
            foreach (var value in values)
                sum = BitOperations.Crc32C(sum, (uint)value);
        }
        foreach (var value in Names)
            sum = BitOperations.Crc32C(sum, value);
        return sum;
    }

    private static void WriteArray<T>(BinaryWriter writer, T[] values) where T : unmanaged
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes<T>(values.AsSpan()));
    }

    private static List<string> ReadNotes(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count is < 0 or > MostNotes)
            throw new InvalidDataException("that is no number of notes");
        var notes = new List<string>(count);
        while (notes.Count < count)
            notes.Add(reader.ReadString());
        return notes;
    }

    private static T[] ReadArray<T>(BinaryReader reader) where T : unmanaged
    {
        var (count, left) = (reader.ReadInt32(), reader.BaseStream.Length - reader.BaseStream.Position);
        if (count < 0 || (long)count * Marshal.SizeOf<T>() > left)
            throw new InvalidDataException("a list is longer than its file");
        var values = new T[count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
