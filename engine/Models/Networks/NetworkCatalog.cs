using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>
/// All networks that this program knows, by name. A program adds its own before it trains, resumes or loads them; a
/// network of the engine is one line here.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public static class NetworkCatalog
{
    // Descriptions name their family under this key; those without one are TResNet's, which checkpoints had before
    // there were others.
    private const string FamilyKey = "network";

    private static readonly Lock Gate = new();
    private static INetworkFamily[] _families = [TResNetFamily.Instance];

    /// <summary>Names of networks that a training can ask for.</summary>
    public static IReadOnlyList<string> VariantNames => [.. _families.SelectMany(family => family.VariantNames)];

    /// <summary>Adds a family of networks.</summary>
    /// <exception cref="ArgumentException">Its name, or one of its variants', is taken by another family.</exception>
    public static void Add(INetworkFamily family)
    {
        ArgumentNullException.ThrowIfNull(family);
        lock (Gate)
        {
            if (_families.Contains(family))
                return;
            string[] taken = [.. _families.Select(known => known.Name), .. VariantNames];
            if (family.VariantNames.Append(family.Name).FirstOrDefault(taken.Contains) is { } name)
            {
                throw new ArgumentException(
                    $"there is a network '{name}' already: give the family another name", nameof(family));
            }
            _families = [.. _families, family];
        }
    }

    /// <summary>The network of a name.</summary>
    /// <param name="name">
    /// A name of <see cref="VariantNames"/>, or any other one that a family can make of the settings.
    /// </param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="settings">The settings that are asked for; null for the family's defaults.</param>
    /// <exception cref="InputException">There is no such network.</exception>
    public static INetworkDescription Describe(string name, int classes, NetworkSettings? settings = null) =>
        _families.Select(family => family.Describe(name, classes, settings ?? new NetworkSettings()))
            .FirstOrDefault(found => found is not null)
        ?? throw new InputException($"unknown model '{name}': choose one of {string.Join(", ", VariantNames)}");

    /// <summary>The description as one line of JSON, for checkpoints.</summary>
    public static string ToJson(INetworkDescription description)
    {
        var json = description.ToJson();
        if (description.Family == TResNetFamily.Instance.Name)
            return json;
        var named = new JsonObject { [FamilyKey] = description.Family };
        foreach (var (key, value) in JsonNode.Parse(json)!.AsObject())
            named[key] = value?.DeepClone();
        return named.ToJsonString();
    }

    /// <summary>The reverse of <see cref="ToJson"/>.</summary>
    /// <exception cref="InputException">
    /// The text is not such JSON, or of a network that this program does not know.
    /// </exception>
    public static INetworkDescription FromJson(string json)
    {
        var name = FamilyIn(json) ?? TResNetFamily.Instance.Name;
        var family = _families.FirstOrDefault(known => known.Name == name) ?? throw new InputException(
            $"the model is a '{name}', and this program knows only "
                + $"{string.Join(", ", _families.Select(known => known.Name))}: open it with the program that trained "
                + $"it, or add its family to NetworkCatalog");
        return family.FromJson(json);
    }

    /// <summary>The network that weights without a description are of; null if they are of none.</summary>
    internal static INetworkDescription? Recognize(StateDict state) =>
        _families.Select(family => family.Recognize(state)).FirstOrDefault(found => found is not null);

    // What does not parse is the family's to complain about.
    private static string? FamilyIn(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(FamilyKey, out var name)
                && name.ValueKind == JsonValueKind.String
                ? name.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
