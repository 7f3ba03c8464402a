using System.Globalization;
using System.Text.Json;

namespace Flixstock.Engine;

// How options are written down, and how two of them compare.
public sealed partial record TResNetOptions
{
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
    }

    /// <inheritdoc />
    public string ToJson() => JsonSerializer.Serialize(new
    {
        name = Name,
        layers = Layers,
        width = Width,
        classes = Classes,
        version2 = Version2,
        bottleneckHead = BottleneckHead,
    });

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

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
