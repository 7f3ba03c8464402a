using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

// Options as a run's run.json has them.
public sealed partial record TrainerOptions
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters =
        {
            new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false),
            new NetworkDescriptionConverter(), new LossCatalog.Converter(),
        },
    };

    private static readonly JsonSerializerOptions Strict = new(Json)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    // What may differ when a run is resumed: it changes how long the run takes and when it stops, not its numbers
    // (docs/reliability.md).
    private static readonly string[] FreeToChange =
    [
        nameof(StopEpoch), nameof(Patience), nameof(Workers), nameof(SaveInterval), nameof(SaveSteps),
        nameof(KeepResumeState), nameof(KeepStates), nameof(InitialWeights), nameof(PriorPath),
        nameof(ClassesByPosition), nameof(OnNonFinite), nameof(LogHistograms), nameof(LogPictures),
    ];

    /// <summary>All options as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>
    /// The reverse of <see cref="ToJson"/>. What a run from before an option existed did not do is off.
    /// </summary>
    /// <exception cref="InputException">The text is not such JSON.</exception>
    public static TrainerOptions FromJson(string json)
    {
        try
        {
            var options = JsonSerializer.Deserialize<TrainerOptions>(json, Json)
                ?? throw new InputException("the training options are empty");
            using var document = JsonDocument.Parse(json);
            return document.RootElement.TryGetProperty(
                JsonNamingPolicy.CamelCase.ConvertName(nameof(AverageWarmup)), out _)
                ? options
                : options with { AverageWarmup = false };
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new InputException($"the training options do not parse: {e.Message}", e);
        }
    }

    /// <summary>
    /// Options from a file: the run.json of a run, whose options they are, or an object of options alone, by the names
    /// that they have there; what it leaves out has its default.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">It cannot be read, or has a property that is no option; names it.</exception>
    public static TrainerOptions FromFile(string path)
    {
        var text = TextFile.Read(path);
        try
        {
            var root = StrictJson.Parse(text) as JsonObject
                ?? throw new InputException($"{path}: that is no object of options, as run.json has one");
            if (root["options"] is { } options)
                return FromJson(options.ToJsonString());
            return JsonSerializer.Deserialize<TrainerOptions>(root.ToJsonString(), Strict)!;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            var reason = e is JsonException refusal ? StrictJson.Reason(refusal) : e.Message;
            throw new InputException($"{path}: {reason}; the options and their names are those in a run's run.json", e);
        }
        catch (InputException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InputException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>
    /// The differences between two sets of options in everything that decides a run's numbers: <c>batchSize 8 instead
    /// of 16</c>.
    /// </summary>
    /// <param name="saved">The options a run was begun with.</param>
    public IReadOnlyList<string> DifferencesTo(TrainerOptions saved)
    {
        using var mine = JsonDocument.Parse(ToJson());
        using var theirs = JsonDocument.Parse(saved.ToJson());
        var free = FreeToChange.Select(JsonNamingPolicy.CamelCase.ConvertName).ToHashSet(StringComparer.Ordinal);
        if (NewLearningRate)
            free.Add(JsonNamingPolicy.CamelCase.ConvertName(nameof(LearningRate)));
        // What is not there has its default.
        static string Text(JsonDocument options, string name) =>
            options.RootElement.TryGetProperty(name, out var value) ? value.GetRawText() : "its default";
        return
        [
            .. mine.RootElement.EnumerateObject().Concat(theirs.RootElement.EnumerateObject())
                .Select(option => option.Name).Distinct(StringComparer.Ordinal)
                .Where(name => !free.Contains(name) && Text(mine, name) != Text(theirs, name))
                .Select(name => $"{name} {Text(mine, name)} instead of {Text(theirs, name)}"),
        ];
    }

    /// <summary>
    /// The options that decide a run's numbers, as one line of JSON; <see cref="FromJson"/> reads it.
    /// </summary>
    internal string DecidingJson()
    {
        var all = JsonSerializer.SerializeToNode(this, Json)!.AsObject();
        foreach (var name in FreeToChange)
            all.Remove(JsonNamingPolicy.CamelCase.ConvertName(name));
        return all.ToJsonString();
    }
}
