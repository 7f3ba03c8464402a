using System.Buffers.Binary;
using System.Text.Json;

namespace Flixstock.Engine;

public static partial class SafetensorsFile
{
    private const int HeaderAlignment = 8;

    /// <summary>
    /// Writes a file whole or not at all. The header lists metadata by key and tensors in their order; the data begins
    /// at a multiple of 8 bytes, tensors of wide elements first, so that every element is aligned. The same contents
    /// give the same bytes: no time, no path, no machine.
    /// </summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="state">Tensors and metadata.</param>
    /// <param name="cancellation">Stops in the middle.</param>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public static void Write(string path, StateDict state, CancellationToken cancellation = default) =>
        Write(path, state, keepAs: null, cancellation);

    /// <summary>Same as the public overload, but the previous file stays under another name.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="state">Tensors and metadata.</param>
    /// <param name="keepAs">New name of the previous file, in the same folder; null: it is replaced.</param>
    /// <param name="cancellation">Stops in the middle.</param>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    internal static void Write(
        string path, StateDict state, string? keepAs, CancellationToken cancellation = default) =>
        Files.WriteAtomically(path, stream => Write(stream, state), keepAs, cancellation);

    /// <summary>Writes the bytes of such a file.</summary>
    public static void Write(Stream stream, StateDict state)
    {
        // stable: equal sizes stay in order
        var inDataOrder = state.OrderByDescending(tensor => tensor.Type.Size()).ToList();
        var header = Header(state, Begins(inDataOrder));
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        var isChecked = CarriesChecksum(state);
        if (isChecked && !stream.CanSeek)
            Stamp(header, ChecksumOf(length, header, inDataOrder.Select(tensor => tensor.Data), default));
        var begin = stream.CanSeek ? stream.Position : 0;
        stream.Write(length);
        stream.Write(header);
        if (!isChecked || !stream.CanSeek)
        {
            foreach (var tensor in inDataOrder)
                stream.Write(Data(tensor).Span);
            return;
        }
        // Elements that are made when they are asked for are made once: the checksum comes when they are written.
        var checksum = ChecksumOf(
            length, header, inDataOrder.Select(Data), CancellationToken.None, piece => stream.Write(piece));
        var end = stream.Position;
        Stamp(header, checksum);
        stream.Position = begin + length.Length;
        stream.Write(header);
        stream.Position = end;
    }

    private static ReadOnlyMemory<byte> Data(StateTensor tensor)
    {
        var data = tensor.Data;
        return data.Length == tensor.ByteCount
            ? data
            : throw new ArgumentException($"tensor '{tensor.Name}' has shape {tensor.ShapeText} of {tensor.Type} but "
                + $"{data.Length} bytes", nameof(tensor));
    }

    private static Dictionary<string, long> Begins(List<StateTensor> inDataOrder)
    {
        var begins = new Dictionary<string, long>(StringComparer.Ordinal);
        long end = 0;
        foreach (var tensor in inDataOrder)
        {
            if (tensor.Source is null)
                Data(tensor); // before anything is written
            begins.Add(tensor.Name, end);
            end += tensor.ByteCount;
        }
        return begins;
    }

    private static byte[] Header(StateDict state, Dictionary<string, long> begins)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            WriteMetadata(json, state);
            foreach (var tensor in state)
                WriteEntry(json, tensor, begins[tensor.Name]);
            json.WriteEndObject();
        }
        while (text.Length % HeaderAlignment != 0)
            text.WriteByte((byte)' ');
        return text.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, StateDict state)
    {
        var metadata = new SortedDictionary<string, string>(state.Metadata, StringComparer.Ordinal);
        if (CarriesChecksum(state))
            metadata[ChecksumKey] = NoChecksum;
        if (metadata.Count == 0)
            return;
        json.WriteStartObject(MetadataKey);
        foreach (var (key, value) in metadata)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, StateTensor tensor, long begin)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", NameOf(tensor.Type));
        json.WriteStartArray("shape");
        foreach (var extent in tensor.Shape)
            json.WriteNumberValue(extent);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(begin + tensor.ByteCount);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
