using System.Globalization;
using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>Which network of the TResNet family (Ridnik et al., "TResNet: High Performance GPU-Dedicated Architecture", 2021).</summary>
public sealed record TResNetOptions
{
    private static readonly Dictionary<string, (int[] Layers, double Width, bool Version2)> Variants = new(StringComparer.Ordinal)
    {
        ["tresnet_m"] = ([3, 4, 11, 3], 1.0, false),
        ["tresnet_l"] = ([4, 5, 18, 3], 1.2, false),
        ["tresnet_xl"] = ([4, 5, 24, 3], 1.3, false),
        ["tresnet_l_v2"] = ([3, 4, 23, 3], 1.0, true),
    };

    private const int MostBlocks = 1000, MostOutputs = 1_000_000;

    /// <summary>Name of the variant, or any other for a network of one's own.</summary>
    public required string Name { get; init; }

    /// <summary>Residual blocks of the four stages.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>Factor on the 64 channels of the first stage.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Outputs.</summary>
    public required int Classes { get; init; }

    /// <summary>Bottlenecks in all stages and slope 1e-6, as <c>tresnet_l_v2</c>.</summary>
    public bool Version2 { get; init; }

    /// <summary>Width of the linear layer before the last one (the "bottleneck head" for many classes), or null for one linear layer.</summary>
    public int? BottleneckHead { get; init; }

    /// <summary>Names that <see cref="Variant"/> takes.</summary>
    public static IReadOnlyList<string> VariantNames { get; } = [.. Variants.Keys];

    /// <summary>Channels of the first stage.</summary>
    public int Planes => (int)(64 * Width);

    /// <summary>Length of the vector the head gets.</summary>
    public int Features => Planes * 8 * Bottleneck.Expansion;

    /// <summary>A published network.</summary>
    /// <exception cref="InputException">There is no variant of this name.</exception>
    public static TResNetOptions Variant(string name, int classes) => Variants.TryGetValue(name, out var variant)
        ? new TResNetOptions { Name = name, Layers = variant.Layers, Width = variant.Width, Version2 = variant.Version2, Classes = classes }
        : throw new InputException($"unknown model '{name}': choose one of {string.Join(", ", VariantNames)}");

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="InputException">Names the option that no network can have.</exception>
    public void Validate()
    {
        if (Layers.Count != 4 || Layers.Any(count => count is < 1 or > MostBlocks))
            throw new InputException($"layers [{string.Join(", ", Layers.Take(10))}]: give four numbers from 1 to {MostBlocks}, one for each stage");
        if (!double.IsFinite(Width) || Planes is < 1 or > 4096)
            throw new InputException($"width {Width}: the first stage would have {Planes} channels; give a factor of about 0.1 to 4");
        if (Classes is < 1 or > MostOutputs)
            throw new InputException($"classes {Classes}: a network has from 1 to {MostOutputs} outputs");
        if (BottleneckHead is < 1 or > MostOutputs)
            throw new InputException($"bottleneck head {BottleneckHead}: it has from 1 to {MostOutputs} values");
    }

    /// <summary>
    /// What is other than in another network, as <c>width 0.5 instead of 1</c>; nothing if weights of the one fit the other.
    /// </summary>
    /// <param name="wanted">The other network.</param>
    /// <param name="body">Leave the classifier out.</param>
    public IEnumerable<string> DifferencesFrom(TResNetOptions wanted, bool body = false)
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

    /// <summary>One line of JSON, for checkpoints.</summary>
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
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InputException($"the model's description does not parse: {e.Message}: {json}", e);
        }
    }

    private static string HeadText(TResNetOptions options) => options.BottleneckHead is { } width ? $"a bottleneck head of {width}"
        : "a plain head";

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
