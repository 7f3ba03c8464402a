using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>
/// Reads the losses of runs by their names. A program adds its own before it resumes a run; a custom loss of the engine
/// is one line here.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public static class LossCatalog
{
    /// <summary>The property that has the loss's name.</summary>
    internal const string NameKey = "name";

    private static readonly Lock Gate = new();
    private static Dictionary<string, Func<string, ILossDescription>> _readers = new(
        PartialLossDescription.Names.Select(name => KeyValuePair.Create<string, Func<string, ILossDescription>>(
            name, json => PartialLossDescription.FromJson(name, json))), StringComparer.Ordinal)
    {
        [SoftTargetLoss.LossName] = _ => new SoftTargetLoss.Description(),
    };

    /// <summary>Adds a loss.</summary>
    /// <param name="name">Name of the loss, its <see cref="ILossDescription.Name"/>.</param>
    /// <param name="read">The reverse of <see cref="ILossDescription.ToJson"/>.</param>
    public static void Add(string name, Func<string, ILossDescription> read)
    {
        lock (Gate)
        {
            _readers = new Dictionary<string, Func<string, ILossDescription>>(_readers, StringComparer.Ordinal)
            {
                [name] = read,
            };
        }
    }

    /// <summary>The description as one line of JSON, for a run's files.</summary>
    public static string ToJson(ILossDescription loss)
    {
        var named = new JsonObject { [NameKey] = loss.Name };
        foreach (var (key, value) in JsonNode.Parse(loss.ToJson())!.AsObject())
            named[key] = value?.DeepClone();
        return named.ToJsonString();
    }

    /// <summary>The reverse of <see cref="ToJson"/>.</summary>
    /// <exception cref="InputException">
    /// The text is not such JSON, or of a loss that this program does not know.
    /// </exception>
    public static ILossDescription FromJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        var name = document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty(NameKey, out var text)
            ? text.ToString()
            : "";
        return _readers.TryGetValue(name, out var read) ? read(json) : throw new InputException(
            $"the training has the loss '{name}', which this program does not know: continue it with the program that "
                + $"began it, or add the loss to LossCatalog; it knows {string.Join(", ", _readers.Keys.Order())}");
    }

    /// <summary>Losses in training options.</summary>
    internal sealed class Converter : JsonConverter<ILossDescription>
    {
        public override ILossDescription Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return FromJson(document.RootElement.GetRawText());
        }

        public override void Write(Utf8JsonWriter writer, ILossDescription value, JsonSerializerOptions options) =>
            writer.WriteRawValue(ToJson(value));
    }
}
