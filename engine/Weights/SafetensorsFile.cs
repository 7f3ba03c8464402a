using System.Buffers.Binary;
using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>Reads the safetensors format: 8 bytes header length, a JSON header, the data.</summary>
public static class SafetensorsFile
{
    private const long LargestHeader = 100_000_000;

    /// <summary>Reads a file, in the order of its data.</summary>
    /// <exception cref="InputException">The file is missing or not a valid safetensors file; says what is wrong.</exception>
    public static StateDict Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
        return Parse(bytes, path);
    }

    private static StateDict Parse(byte[] bytes, string path)
    {
        if (bytes.Length < 8)
            throw Broken(path, "it has fewer than 8 bytes");
        var headerLength = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (headerLength is < 2 or > LargestHeader || headerLength > bytes.Length - 8)
            throw Broken(path, $"its header claims {headerLength} bytes of {bytes.Length}");
        try
        {
            using var header = JsonDocument.Parse(bytes.AsMemory(8, (int)headerLength));
            return Tensors(header.RootElement, bytes.AsMemory(8 + (int)headerLength), path);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InputException($"{path}: not a safetensors file: its header does not parse: {e.Message}", e);
        }
    }

    private static StateDict Tensors(JsonElement header, ReadOnlyMemory<byte> data, string path)
    {
        var tensors = new List<(long Begin, StateTensor Tensor)>();
        var result = new StateDict();
        foreach (var entry in header.EnumerateObject())
        {
            if (entry.Name == "__metadata__")
            {
                foreach (var item in entry.Value.EnumerateObject())
                    result.Metadata[item.Name] = item.Value.GetString() ?? "";
                continue;
            }
            var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32()).ToArray();
            var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64()).ToArray();
            if (!Enum.TryParse<StateType>(entry.Value.GetProperty("dtype").GetString(), ignoreCase: true, out var type))
                throw Broken(path, $"tensor '{entry.Name}' has the unknown type {entry.Value.GetProperty("dtype")}");
            if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > data.Length)
                throw Broken(path, $"tensor '{entry.Name}' lies outside the file");
            var tensor = new StateTensor(entry.Name, type, shape, data.Slice((int)offsets[0], (int)(offsets[1] - offsets[0])));
            if (shape.Any(extent => extent < 0) || tensor.Count * type.Size() != offsets[1] - offsets[0])
                throw Broken(path, $"tensor '{entry.Name}' has shape {tensor.ShapeText} of {type} but {offsets[1] - offsets[0]} bytes");
            tensors.Add((offsets[0], tensor));
        }
        foreach (var (_, tensor) in tensors.OrderBy(item => item.Begin))
            result.Add(tensor);
        return result;
    }

    private static InputException Broken(string path, string why) => new($"{path}: not a valid safetensors file: {why}");
}
