using System.Globalization;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>What MLflow is told of a run that begins, from its run.json.</summary>
/// <param name="run">The run.</param>
internal sealed class MlflowFacts(TrainingRun run)
{
    private static readonly string[] OfRun =
        ["engine", "device", "precision", "datasetType", "trainingPictures", "validationPictures"];

    private readonly JsonObject _description = run.Description();

    /// <summary>The folder's name; of a first stage with that of the training.</summary>
    public string Name
    {
        get
        {
            var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(run.Folder));
            var name = Path.GetFileName(folder);
            return name == TwoStagePlan.IgnoreName
                ? $"{Path.GetFileName(Path.GetDirectoryName(folder))}/{name}"
                : name;
        }
    }

    /// <summary>MLflow's own tags, and where the run lies.</summary>
    public IEnumerable<(string Key, string Value)> Tags()
    {
        yield return ("mlflow.user", Environment.UserName);
        yield return ("mlflow.source.type", "LOCAL");
        yield return ("mlflow.source.name", Path.GetFileNameWithoutExtension(Environment.ProcessPath ?? "flixstock"));
        if (_description["git"]?["commit"]?.ToString() is { } commit)
            yield return ("mlflow.source.git.commit", commit);
        yield return ("folder", Path.GetFullPath(run.Folder));
    }

    /// <summary>The options, by their names in run.json, and what the run is trained on; without empty ones.</summary>
    /// <param name="longest">Characters of a value at most.</param>
    public IEnumerable<(string Key, string Value)> Options(int longest)
    {
        var facts = OfRun.Select(name => (Name: name, Value: _description[name]))
            .Append((Name: "data.folder", Value: _description["data"]?["folder"]));
        return facts.Select(fact => (fact.Name, Value: fact.Value?.ToString() ?? ""))
            .Concat(TrainingRun.FlatOptions(_description["options"] as JsonObject ?? [])).Where(
                fact => fact.Value.Length > 0)
            .Select(fact => (fact.Name, fact.Value.Length <= longest ? fact.Value : fact.Value[..longest]));
    }

    /// <summary>A number as run.json has it.</summary>
    public static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
