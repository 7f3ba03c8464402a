using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>What run.json says of a run. What an older version did not write there is empty.</summary>
/// <param name="Folder">The run's folder, as given.</param>
/// <param name="DataFolder">The data set's folder; empty if it was made in memory.</param>
/// <param name="Device">Name of the device that computed.</param>
/// <param name="Precision">Precision of convolutions and activations.</param>
/// <param name="Engine">Version of the engine and of the runtime.</param>
/// <param name="Commit">Commit of the folder in which it was trained, and whether its files were changed.</param>
/// <param name="Model">Name of the network.</param>
/// <param name="TrainingPictures">Number of pictures that were learnt from.</param>
/// <param name="ValidationPictures">Number of pictures that were validated on.</param>
/// <param name="Options">Every option by its name in run.json, as <c>loss.gammaNegative</c>, in that order.</param>
internal sealed record RunFacts(
    string Folder, string DataFolder, string Device, string Precision, string Engine, string Commit, string Model,
    string TrainingPictures, string ValidationPictures, IReadOnlyList<(string Name, string Value)> Options)
{
    /// <summary>Reads a run's description.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="InputException">No run was begun there, or run.json is damaged.</exception>
    public static RunFacts Read(string folder)
    {
        if (TrainingRun.Begun(folder) is not { } run)
            throw new InputException($"{folder}: {WhyNoRun(folder)}");
        var json = Description(run);
        string Text(string name) => json[name] is JsonValue value ? value.ToString() : "";
        var network = (json["model"] as JsonObject)?["name"]?.ToString();
        return new RunFacts(
            folder, (json["data"] as JsonObject)?["folder"]?.ToString() ?? "", Text("device"), Text("precision"),
            $"{Text("engine")}, .NET {Text("runtime")}", CommitOf(json["git"] as JsonObject),
            network ?? "", Text("trainingPictures"), Text("validationPictures"),
            [.. TrainingRun.FlatOptions(OptionsOf(run, json))
                .Select(option => (option.Name, option.Value.Length > 0 ? option.Value : "-"))]);
    }

    // As short as git shows it.
    private static string CommitOf(JsonObject? git) => git?["commit"]?.ToString() is { Length: > 0 } commit
        ? commit[..Math.Min(12, commit.Length)] + (git["changed"]?.ToString() == "true" ? ", files changed" : "")
        : "";

    private static string WhyNoRun(string folder) =>
        !Directory.Exists(folder) ? "there is no such folder; give the folder of a training run"
        : TwoStagePlan.Exists(folder) ? "the second stage of the training there has not begun; give the first one's, "
            + TwoStagePlan.IgnoreFolderOf(folder)
        : "no training run is there (it has no run.json); give the folder that 'train' wrote";

    private static JsonObject Description(TrainingRun run)
    {
        try
        {
            return run.Description();
        }
        catch (InputException e)
        {
            throw new InputException($"{e.Message.TrimEnd('.')}; restore the file, or leave this run out", e);
        }
    }

    private static JsonObject OptionsOf(TrainingRun run, JsonObject json) => json["options"] as JsonObject
        ?? throw new InputException($"{run.DescriptionFile}: it has no options; restore the file, or leave this run "
            + $"out");
}
