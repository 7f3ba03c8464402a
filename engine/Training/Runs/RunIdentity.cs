using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>
/// The run that a state belongs to: everything that decides a run's numbers. It is saved in the state as well as in
/// run.json, so that the files of two runs
/// cannot be mixed and run.json cannot be changed without a word.
/// </summary>
/// <param name="Options">The options that decide the numbers; the others have their defaults.</param>
/// <param name="Precision">Precision of the computation.</param>
/// <param name="Classes">The classes in their order.</param>
/// <param name="Data">
/// Number, names and labels of the pictures of both parts, as digests; empty for runs from before there were any.
/// </param>
internal sealed record RunIdentity(TrainerOptions Options, string Precision, IReadOnlyList<string> Classes, string Data)
{
    /// <summary>Key of the identity in a state's metadata.</summary>
    public const string Key = "run";

    /// <summary>The identity as one line of JSON; equal for equal trainings, regardless of their folders.</summary>
    public string ToJson() => new JsonObject
    {
        ["options"] = JsonNode.Parse(Options.DecidingJson()),
        ["precision"] = Precision,
        ["classes"] = new JsonArray([.. Classes.Select(name => JsonValue.Create(name))]),
        ["data"] = Data,
    }.ToJsonString();

    /// <summary>The reverse of <see cref="ToJson"/>.</summary>
    /// <exception cref="InputException">The text is not such JSON.</exception>
    public static RunIdentity FromJson(string json)
    {
        try
        {
            var node = StrictJson.Parse(json)!;
            return new RunIdentity(
                TrainerOptions.FromJson(node["options"]!.ToJsonString()), node["precision"]!.ToString(),
                [.. node["classes"]!.AsArray().Select(name => name!.ToString())], node["data"]!.ToString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new InputException($"what it says about its run does not parse: {e.Message}", e);
        }
    }

    /// <summary>The differences between a state's run and this one; empty if it is the same.</summary>
    public IReadOnlyList<string> DifferencesOf(RunIdentity state)
    {
        var differences = state.Options.DifferencesTo(Options).ToList();
        if (state.Precision != Precision)
            differences.Add($"precision {state.Precision} instead of {Precision}");
        if (!state.Classes.SequenceEqual(Classes, StringComparer.Ordinal))
            differences.Add("other classes");
        if (state.Data != Data && state.Data.Length > 0 && Data.Length > 0)
            differences.Add("other pictures or labels");
        return differences;
    }
}
