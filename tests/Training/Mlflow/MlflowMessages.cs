using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Tests.Training.Mlflow;

/// <summary>
/// The messages of MLflow's REST API that a run needs, as mlflow/protos/service.proto defines them, and what servers of
/// any version allow: names and types of fields, how many there may be, how long they may be.
/// </summary>
internal static class MlflowMessages
{
    private static readonly Dictionary<string, Dictionary<string, string>> Fields = new(StringComparer.Ordinal)
    {
        ["POST experiments/create"] = Of("name:string artifact_location:string tags:Tag[]"),
        ["POST runs/create"] =
            Of("experiment_id:string user_id:string run_name:string start_time:int64 tags:Tag[]"),
        ["POST runs/log-batch"] = Of("run_id:string metrics:Metric[] params:Param[] tags:Tag[]"),
        ["POST runs/update"] = Of("run_id:string status:RunStatus end_time:int64 run_name:string"),
        ["GET experiments/get-by-name"] = Of("experiment_name:string"),
        ["GET runs/get"] = Of("run_id:string"),
        ["Metric"] = Of("key:string value:double timestamp:int64 step:int64"),
        ["Param"] = Of("key:string value:string"),
        ["Tag"] = Of("key:string value:string"),
    };

    private static readonly string[] Status = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];

    /// <summary>What is wrong with a message; empty: nothing.</summary>
    /// <param name="call">As <c>POST runs/create</c>.</param>
    /// <param name="message">The message.</param>
    public static IEnumerable<string> ProblemsOf(string call, JsonObject message)
    {
        if (!Fields.ContainsKey(call))
            return [$"{call}: there is no such call"];
        var problems = Problems(call, message);
        return call == "POST runs/log-batch" ? problems.Concat(Limits(message)) : problems;
    }

    private static IEnumerable<string> Problems(string name, JsonObject message)
    {
        foreach (var (field, value) in message)
        {
            if (!Fields[name].TryGetValue(field, out var type))
            {
                yield return $"{name}: there is no field {field}";
            }
            else if (type.EndsWith("[]", StringComparison.Ordinal))
            {
                foreach (var problem in value!.AsArray().SelectMany(one => Problems(type[..^2], one!.AsObject())))
                    yield return problem;
            }
            else if (!Is(type, value))
            {
                yield return $"{name}: {field} is no {type}: {value?.ToJsonString()}";
            }
        }
        string[] optional = ["artifact_location", "user_id", "tags", "metrics", "params", "end_time", "run_name"];
        foreach (var missing in Fields[name].Keys.Except(message.Select(field => field.Key)).Except(optional))
            yield return $"{name}: {missing} is missing";
    }

    private static bool Is(string type, JsonNode? value) => type switch
    {
        "string" => value?.GetValueKind() == JsonValueKind.String && value.ToString().Length > 0,
        "int64" => value?.GetValueKind() == JsonValueKind.Number && long.TryParse(value.ToJsonString(), out _),
        "double" => value?.GetValueKind() == JsonValueKind.Number,
        "RunStatus" => Status.Contains(value?.ToString()),
        _ => false,
    };

    private static IEnumerable<string> Limits(JsonObject message)
    {
        JsonObject[] All(string field) => [.. (message[field] as JsonArray ?? []).Select(one => one!.AsObject())];
        var (metrics, options, tags) = (All("metrics"), All("params"), All("tags"));
        if (metrics.Length > 1000 || options.Length > 100 || tags.Length > 100
            || metrics.Length + options.Length + tags.Length > 1000)
        {
            yield return $"{metrics.Length} metrics, {options.Length} params, {tags.Length} tags in one call";
        }
        foreach (var one in metrics.Concat(options).Concat(tags))
        {
            var key = one["key"]!.ToString();
            if (key.Length > 250 || !key.All(c => char.IsAsciiLetterOrDigit(c) || "_-. /".Contains(c)))
                yield return $"'{key}' is no name";
        }
        foreach (var option in options.Where(option => option["value"]!.ToString().Length > 500))
            yield return $"{option["key"]}: its value is too long";
        if (message.ToJsonString().Length > 1_000_000)
            yield return "the call is too large";
    }

    private static Dictionary<string, string> Of(string fields) =>
        fields.Split(' ').Select(field => field.Split(':')).ToDictionary(field => field[0], field => field[1]);
}
