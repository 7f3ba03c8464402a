using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>
/// The list that goes with a model in several files, <c>model.safetensors.index.json</c> or
/// <c>pytorch_model.bin.index.json</c>: which tensor is in which file next to it.
/// </summary>
internal sealed class ShardIndex
{
    private const string MapKey = "weight_map";
    private const int Longest = 100_000_000;

    private ShardIndex(string path, IReadOnlyList<(string Tensor, string File)> map)
    {
        (Path, Map) = (path, map);
    }

    public string Path { get; }

    /// <summary>Names of tensors, and of their files, in the order of the list.</summary>
    public IReadOnlyList<(string Tensor, string File)> Map { get; }

    /// <summary>True for a JSON object with such a list.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> bytes) =>
        bytes.Length < Longest && !SafetensorsFile.Recognizes(bytes) && ForeignFile.Trimmed(bytes) is [(byte)'{', ..]
            && bytes.IndexOf("\"weight_map\""u8) >= 0;

    /// <summary>Reads the list.</summary>
    /// <param name="bytes">The bytes of the file.</param>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="InputException">It does not parse, or has a tensor twice.</exception>
    public static ShardIndex Parse(ReadOnlyMemory<byte> bytes, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(ForeignFile.WithoutMark(bytes));
            var map = document.RootElement.GetProperty(MapKey).EnumerateObject()
                .Select(entry => (entry.Name, entry.Value.GetString() ?? "")).ToList();
            return map.GroupBy(entry => entry.Name, StringComparer.Ordinal)
                .FirstOrDefault(same => same.Count() > 1) is { } twice
                ? throw new InputException(
                    $"{path}: a list of a model's files that has tensor '{TorchFile.Shown(twice.Key)}' twice")
                : new ShardIndex(path, map);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InputException(
                $"{path}: a list of a model's files that does not parse: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Every file once, with its tensors, in the order of the list.</summary>
    /// <exception cref="InputException">A name is not that of a file next to the list.</exception>
    public IEnumerable<(string File, IReadOnlyList<string> Tensors)> Files()
    {
        if (Map.Count == 0)
            throw new InputException($"{Path}: a list of a model's files that names none");
        var folder = System.IO.Path.GetDirectoryName(Path) ?? "";
        foreach (var file in Map.GroupBy(entry => entry.File, entry => entry.Tensor, StringComparer.Ordinal))
        {
            if (file.Key.Length == 0 || file.Key is "." or ".." || file.Key.AsSpan().IndexOfAny("/\\:\0") >= 0)
            {
                throw new InputException(
                    $"{Path}: it names '{TorchFile.Shown(file.Key)}', which is not a file next to it");
            }
            yield return (System.IO.Path.Combine(folder, file.Key), [.. file]);
        }
    }
}
