using System.Buffers.Binary;
using System.Text.Json;

namespace Flixstock.Engine;

public static partial class SafetensorsFile
{
    private const long LargestHeader = 100_000_000; // as the format's own library
    private const int MostAxes = 64, MostEntries = 100_000;

    /// <summary>
    /// Reads a file, in the order of its header, into memory that lives as long as its tensors.
    /// <see cref="WeightsFile.Read"/> maps it instead.
    /// </summary>
    /// <exception cref="InputException">
    /// The file is missing or not a valid safetensors file; says what is wrong.
    /// </exception>
    public static StateDict Read(string path) => Parse(WholeFile.Read(path), path);

    /// <summary>Reads the contents of a file.</summary>
    /// <param name="bytes">The whole file; the tensors keep it.</param>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="cancellation">Stops while the checksum of a large file of ours is computed.</param>
    /// <exception cref="InputException">
    /// They are not a valid safetensors file, or a checksum in it is wrong; says what is wrong.
    /// </exception>
    public static StateDict Parse(ReadOnlyMemory<byte> bytes, string name, CancellationToken cancellation = default)
    {
        if (bytes.Length < 8)
            throw Broken(name, $"it has {bytes.Length} bytes, the header's length alone takes 8");
        var headerLength = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span);
        if (headerLength is < 2 or > LargestHeader || headerLength > bytes.Length - 8)
            throw Broken(name, $"its header claims {headerLength} bytes of {bytes.Length}");
        try
        {
            RequireFewEntries(bytes.Slice(8, (int)headerLength).Span, name);
            using var header = JsonDocument.Parse(bytes.Slice(8, (int)headerLength));
            var state = Tensors(header.RootElement, bytes[(8 + (int)headerLength)..], name);
            VerifyChecksum(bytes, (int)headerLength, state, name, cancellation);
            return state;
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InputException(
                $"{name}: not a valid safetensors file: its header does not parse: {e.Message}", e);
        }
    }

    /// <summary>
    /// True if a file begins as such a file does: with a length that a header may have, and the header's brace.
    /// </summary>
    internal static bool Recognizes(ReadOnlySpan<byte> beginning) =>
        beginning.Length > 8 && BinaryPrimitives.ReadInt64LittleEndian(beginning) is >= 2 and <= LargestHeader
        && beginning[8] == '{';

    // A parsed header takes many times its bytes; no model has this many tensors.
    private static void RequireFewEntries(ReadOnlySpan<byte> header, string name)
    {
        var reader = new Utf8JsonReader(header);
        var entries = 0;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && ++entries > MostEntries)
                throw Broken(name, $"it lists more than {MostEntries} tensors");
        }
    }

    private static StateDict Tensors(JsonElement header, ReadOnlyMemory<byte> data, string path)
    {
        var parts = new List<(long Begin, long End, string Name)>();
        var result = new StateDict();
        var metadataSeen = false;
        foreach (var entry in header.EnumerateObject())
        {
            if (entry.Name != MetadataKey)
            {
                if (result.Find(entry.Name) is not null)
                    throw Broken(path, $"two tensors are named '{entry.Name}'");
                result.Add(ReadTensor(entry, data, parts, path));
                continue;
            }
            if (metadataSeen)
                throw Broken(path, "it has two lists of metadata");
            metadataSeen = true;
            foreach (var item in entry.Value.EnumerateObject())
            {
                if (!result.Metadata.TryAdd(item.Name, item.Value.GetString() ?? ""))
                    throw Broken(path, $"the metadata has '{item.Name}' twice");
            }
        }
        RequireCovered(parts, data.Length, path);
        return result;
    }

    private static StateTensor ReadTensor(
        JsonProperty entry, ReadOnlyMemory<byte> data, List<(long Begin, long End, string Name)> parts, string path)
    {
        var typeName = entry.Value.GetProperty("dtype").GetString() ?? "";
        if (!Types.TryGetValue(typeName, out var type))
            throw Broken(path, $"tensor '{entry.Name}' has the unknown type '{typeName}'");
        var (shape, count) = ReadShape(entry, path);
        var offsets = entry.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2)
            throw Broken(path, $"tensor '{entry.Name}' has {offsets.GetArrayLength()} data offsets, not 2");
        if (!offsets[0].TryGetInt64(out var begin) || !offsets[1].TryGetInt64(out var end) || begin < 0 || end < begin
            || end > data.Length)
        {
            throw Broken(path, $"tensor '{entry.Name}' claims bytes {offsets[0].GetRawText()} to "
                + $"{offsets[1].GetRawText()} of {data.Length}: the file is cut off or wrong");
        }
        if (count > data.Length || count * type.Size() != end - begin)
        {
            throw Broken(
                path,
                $"tensor '{entry.Name}' has shape [{string.Join(", ", shape)}] of {typeName} but {end - begin} bytes");
        }
        parts.Add((begin, end, entry.Name));
        return new StateTensor(entry.Name, type, shape, data.Slice((int)begin, (int)(end - begin)));
    }

    private static (int[] Shape, long Count) ReadShape(JsonProperty entry, string path)
    {
        var element = entry.Value.GetProperty("shape");
        if (element.GetArrayLength() > MostAxes)
            throw Broken(path, $"tensor '{entry.Name}' has {element.GetArrayLength()} axes");
        var shape = new int[element.GetArrayLength()];
        var count = Int128.One; // 64 axes of 2^31 do not fit, but zeros and the check below keep every product small
        for (var i = 0; i < shape.Length; i++)
        {
            if (!element[i].TryGetInt32(out shape[i]) || shape[i] < 0)
                throw Broken(path, $"tensor '{entry.Name}' has the extent {element[i].GetRawText()} in its shape");
            count *= shape[i];
            if (count > long.MaxValue)
                throw Broken(path, $"tensor '{entry.Name}' has a shape of more elements than any file can hold");
        }
        return (shape, (long)count);
    }

    // Every byte of the data belongs to exactly one tensor: nothing can hide between tensors, and none can share
    // another's values.
    private static void RequireCovered(List<(long Begin, long End, string Name)> parts, long length, string path)
    {
        parts.Sort((one, other) => (one.Begin, one.End).CompareTo((other.Begin, other.End)));
        long covered = 0;
        foreach (var (begin, end, name) in parts)
        {
            if (begin != covered)
            {
                throw Broken(path, begin < covered
                    ? $"tensor '{name}' overlaps another"
                    : $"bytes {covered} to {begin} before tensor '{name}' belong to no tensor");
            }
            covered = end;
        }
        if (covered != length)
            throw Broken(path, $"{length - covered} bytes at its end belong to no tensor");
    }

    private static InputException Broken(string path, string why) =>
        new($"{path}: not a valid safetensors file: {why.ReplaceLineEndings(" ")}");
}
