using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>mlflow.json in a run's folder: which run on which server it is, and how much has arrived there.</summary>
/// <param name="Server">Address of the server.</param>
/// <param name="Run">Id of the run there.</param>
/// <param name="Step">Last step that has arrived; 0: none.</param>
/// <param name="Epoch">Last epoch that has arrived; 0: none.</param>
internal sealed record MlflowRunFile(string Server, string Run, int Step, int Epoch)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>Reads a file; null if there is none.</summary>
    /// <exception cref="InputException">It is damaged.</exception>
    public static MlflowRunFile? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return StrictJson.Parse(TextFile.Read(path)) is JsonObject json
                && json.Deserialize<MlflowRunFile>(Format) is { Server: not null, Run: not null } file
                ? file
                : throw new JsonException("it names no run");
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: cannot be read: {StrictJson.Reason(e)}; restore the file, or remove it "
                + $"to log to a new run on the server", e);
        }
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="EngineException">The disk refuses.</exception>
    public void Write(string path) =>
        Files.WriteAtomically(path, JsonSerializer.Serialize(this, Format) + "\n");
}
