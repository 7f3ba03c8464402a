using System.Globalization;
using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>
/// The labels next to a picture in a shard. <c>.json</c>: <c>{"filename": "a.jpg", "positive": ["cat"], "negative":
/// ["dog"]}</c>, classes by name, the rest
/// unknown; or <c>"negative": "others"</c> if every class that is not listed is known to be absent. <c>.cls</c>: the
/// number of the one class.
/// </summary>
internal sealed class ShardLabels(AttributeTable attributes)
{
    private const string File = "filename", Positive = "positive", Negative = "negative", Others = "others";

    // Above it only the known labels of a picture are kept.
    private const int MostDense = 256;

    private readonly Dictionary<string, int> _classes = attributes.ClassNames.Select((name, k) => (name, k))
        .ToDictionary(pair => pair.name, pair => pair.k, StringComparer.Ordinal);

    /// <summary>The JSON of a picture's labels.</summary>
    public byte[] Write(string file, SampleLabels labels)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(
            stream,
            new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            var known = labels.Known().ToList();
            json.WriteStartObject();
            json.WriteString(File, file);
            WriteNames(json, Positive, known.Where(entry => entry.Label == 1));
            if (known.Count == labels.Length)
                json.WriteString(Negative, Others);
            else
                WriteNames(json, Negative, known.Where(entry => entry.Label == 0));
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    /// <summary>The picture's name and labels from its JSON.</summary>
    /// <exception cref="InputException">It is no such JSON, or names classes that do not exist.</exception>
    public (string? File, SampleLabels Labels) ReadJson(ReadOnlyMemory<byte> bytes, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(TextFile.Utf8(bytes, where));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(Positive, out var positive))
                throw Wrong(where, $"there is no list \"{Positive}\" of classes");
            var labels = new SortedDictionary<int, sbyte>();
            Add(labels, positive, 1, where);
            if (root.TryGetProperty(Negative, out var negative))
            {
                if (negative.ValueKind == JsonValueKind.String && negative.ValueEquals(Others))
                    return (FileOf(root, where), All(labels.Keys));
                Add(labels, negative, 0, where);
            }
            return (FileOf(root, where), Compact(labels));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Wrong(where, $"not the JSON of a picture's labels ({e.Message.ReplaceLineEndings(" ")})");
        }
    }

    /// <summary>True if a JSON file holds labels, and not other facts about a picture.</summary>
    /// <exception cref="InputException">
    /// It is not JSON: labels may have been meant, and are not ignored in silence.
    /// </exception>
    public static bool HasLabels(ReadOnlyMemory<byte> bytes, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(TextFile.Utf8(bytes, where));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(Positive, out _);
        }
        catch (JsonException e)
        {
            throw Wrong(where, $"not valid JSON ({e.Message.ReplaceLineEndings(" ")})");
        }
    }

    /// <summary>The labels of a picture that is of one class.</summary>
    /// <exception cref="InputException">The text is no number of a class.</exception>
    public SampleLabels ReadClass(ReadOnlyMemory<byte> bytes, string where) => All(
        [Number(bytes, where) is var number && number < attributes.ClassCount
            ? number
            : throw Wrong(where, $"class {number} is none of the {attributes.ClassCount} classes")]);

    /// <summary>The number in a <c>.cls</c> file.</summary>
    public static int Number(ReadOnlyMemory<byte> bytes, string where) =>
        int.TryParse(
            TextFile.Decode(bytes, where).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong(where, "the number of a class is expected, as 3");

    private void WriteNames(Utf8JsonWriter json, string name, IEnumerable<(int Class, sbyte Label)> known)
    {
        json.WriteStartArray(name);
        foreach (var (index, _) in known)
            json.WriteStringValue(attributes.ClassNames[index]);
        json.WriteEndArray();
    }

    private static string? FileOf(JsonElement root, string where)
    {
        var name = root.TryGetProperty(File, out var file) ? file.GetString() : null;
        return name?.Contains('\0', StringComparison.Ordinal) == true
            ? throw Wrong(where, $"the {File} holds a zero byte")
            : name;
    }

    private void Add(SortedDictionary<int, sbyte> labels, JsonElement names, sbyte label, string where)
    {
        foreach (var element in names.EnumerateArray())
        {
            var name = element.GetString() ?? "";
            if (!_classes.TryGetValue(name, out var index))
                throw Wrong(where, $"the class '{name}' is none of {AttributeTable.FileName}");
            if (!labels.TryAdd(index, label))
                throw Wrong(where, $"the class '{name}' is named twice");
        }
    }

    private SampleLabels All(IEnumerable<int> positive)
    {
        var labels = new sbyte[attributes.ClassCount];
        foreach (var k in positive)
            labels[k] = 1;
        return labels;
    }

    private SampleLabels Compact(SortedDictionary<int, sbyte> labels)
    {
        var sparse = SampleLabels.Sparse(attributes.ClassCount, labels.Select(pair => (pair.Key, pair.Value)));
        return attributes.ClassCount > MostDense ? sparse : sparse.ToArray();
    }

    private static InputException Wrong(string where, string what) =>
        new($"{where}: {what}; pack the data set again, or correct the labels");
}
