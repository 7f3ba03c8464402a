using System.Globalization;
using System.Text.Json;

namespace Flixstock.Engine;

// How options are written down, and how two of them compare.
public sealed partial record TResNetOptions
{
    private const string DecoderKey = "decoder", BoostKey = "boost";

    /// <inheritdoc />
    public IEnumerable<string> DifferencesFrom(INetworkDescription wanted, bool body = false) =>
        wanted is TResNetOptions other
            ? DifferencesFrom(other, body)
            : [$"the network {Name} instead of {wanted.Name}"];

    private IEnumerable<string> DifferencesFrom(TResNetOptions wanted, bool body)
    {
        if (!Layers.SequenceEqual(wanted.Layers))
            yield return $"layers {string.Join(",", Layers)} instead of {string.Join(",", wanted.Layers)}";
        if (Version2 != wanted.Version2)
        {
            yield return $"{(Version2 ? "bottlenecks" : "basic blocks")} in the first two stages instead of "
                + $"{(wanted.Version2 ? "bottlenecks" : "basic blocks")}";
        }

        if (Planes != wanted.Planes)
            yield return $"width {Text(Width)} instead of {Text(wanted.Width)}";
        if (!body && Classes != wanted.Classes)
            yield return $"{Classes} classes instead of {wanted.Classes}";
        if (!body && BottleneckHead != wanted.BottleneckHead)
            yield return $"{HeadText(this)} instead of {HeadText(wanted)}";
        if (!body && MlDecoderOptions.Difference(Decoder, wanted.Decoder, Classes) is { } difference)
            yield return difference;
        if (!body && Boost != wanted.Boost)
            yield return $"{BoostText(this)} instead of {BoostText(wanted)}";
    }

    /// <inheritdoc />
    public string ToJson()
    {
        var json = JsonSerializer.SerializeToNode(new
        {
            name = Name,
            layers = Layers,
            width = Width,
            classes = Classes,
            version2 = Version2,
            bottleneckHead = BottleneckHead,
        })!.AsObject();
        // Only where it is there, so that descriptions of other networks stay as they were.
        if (Decoder is { } decoder)
            json[DecoderKey] = decoder.ToJson();
        if (Boost is { } boost)
            json[BoostKey] = boost;
        return json.ToJsonString();
    }

    /// <summary>The reverse of <see cref="ToJson"/>.</summary>
    /// <exception cref="InputException">The text is not such JSON.</exception>
    public static TResNetOptions FromJson(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var head = root.GetProperty("bottleneckHead");
            var options = new TResNetOptions
            {
                Name = root.GetProperty("name").GetString() ?? "",
                Layers = [.. root.GetProperty("layers").EnumerateArray().Select(count => count.GetInt32())],
                Width = root.GetProperty("width").GetDouble(),
                Classes = root.GetProperty("classes").GetInt32(),
                Version2 = root.GetProperty("version2").GetBoolean(),
                BottleneckHead = head.ValueKind == JsonValueKind.Null ? null : head.GetInt32(),
                Decoder = root.TryGetProperty(DecoderKey, out var decoder) ? MlDecoderOptions.FromJson(decoder) : null,
                Boost = root.TryGetProperty(BoostKey, out var boost) ? boost.GetDouble() : null,
            };
            options.Validate();
            return options;
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InputException($"the model's description does not parse: {e.Message}: {json}", e);
        }
    }

    private static string HeadText(TResNetOptions options) => options.BottleneckHead is { } width
        ? $"a bottleneck head of {width}"
        : "a plain head";

    private static string BoostText(TResNetOptions options) => options.Boost is { } factor
        ? $"positive scores times {Text(factor)}"
        : "scores as they are";

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
