using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace Flixstock.Tests.Training.Mlflow;

/// <summary>
/// What an MLflow tracking server does with the calls of a training, in memory; every message is checked
/// (<see cref="MlflowMessages"/>).
/// </summary>
internal sealed class FakeMlflow : HttpMessageHandler
{
    private const string Api = "/api/2.0/mlflow/";
    private readonly Lock _gate = new();

    public sealed class Run(string experiment, string name)
    {
        public string Experiment { get; } = experiment;
        public string Name { get; } = name;
        public string Status { get; set; } = "RUNNING";
        public bool Ended { get; set; }
        public bool Deleted { get; set; }
        public Dictionary<string, string> Params { get; } = [];
        public Dictionary<string, string> Tags { get; } = [];
        public List<(string Key, long Step, double Value)> Metrics { get; } = [];
    }

    /// <summary>Names of the experiments by their ids, with "-" in front of deleted ones.</summary>
    public Dictionary<string, string> Experiments { get; } = new() { ["0"] = "Default" };

    public Dictionary<string, Run> Runs { get; } = [];

    /// <summary>What was wrong with a message.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Calls in their order, as <c>POST runs/create</c>.</summary>
    public List<string> Calls { get; } = [];

    public List<string?> Authorizations { get; } = [];

    /// <summary>Answers instead of the server, if it gives something.</summary>
    public Func<string, HttpResponseMessage?> Instead { get; set; } = _ => null;

    public static HttpResponseMessage Text(HttpStatusCode status, string text) =>
        new(status) { Content = new StringContent(text, Encoding.UTF8) };

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Answer(
            request.Method.Method, request.RequestUri!, request.Headers.Authorization?.ToString(),
            request.Content is { } content ? content.ReadAsStringAsync(cancellationToken).Result : "");

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(Send(request, cancellationToken));

    public HttpResponseMessage Answer(string method, Uri address, string? authorization, string body)
    {
        lock (_gate)
        {
            var at = address.AbsolutePath.IndexOf(Api, StringComparison.Ordinal);
            var call = $"{method} {address.AbsolutePath[(at + Api.Length)..]}";
            Calls.Add(call);
            Authorizations.Add(authorization);
            if (Instead(call) is { } other)
                return other;
            var message = method == "GET" ? Query(address) : JsonNode.Parse(body)!.AsObject();
            string[] problems = [.. MlflowMessages.ProblemsOf(call, message)];
            Problems.AddRange(problems);
            return problems.Length > 0 ? Error(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE", problems[0])
                : Done(call, message);
        }
    }

    private static JsonObject Query(Uri address)
    {
        var query = HttpUtility.ParseQueryString(address.Query);
        return new JsonObject(query.AllKeys.Select(key => KeyValuePair.Create<string, JsonNode?>(key!, query[key])));
    }

    private HttpResponseMessage Done(string call, JsonObject message) => call switch
    {
        "GET experiments/get-by-name" => Experiment(message["experiment_name"]!.ToString()),
        "POST experiments/create" => Create(message["name"]!.ToString()),
        "POST runs/create" => Create(message),
        "GET runs/get" => Of(message, run => new JsonObject
        {
            ["run"] = new JsonObject
            {
                ["info"] = new JsonObject { ["lifecycle_stage"] = run.Deleted ? "deleted" : "active" },
            },
        }),
        "POST runs/log-batch" => Of(message, run => Log(run, message)),
        _ => Of(message, run => Update(run, message)),
    };

    private HttpResponseMessage Experiment(string name)
    {
        var found = Experiments.FirstOrDefault(one => one.Value.TrimStart('-') == name);
        return found.Key is null
            ? Error(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST", $"No experiment '{name}'")
            : Json(new JsonObject
            {
                ["experiment"] = new JsonObject
                {
                    ["experiment_id"] = found.Key,
                    ["lifecycle_stage"] = found.Value.StartsWith('-') ? "deleted" : "active",
                },
            });
    }

    private HttpResponseMessage Create(string experiment)
    {
        var id = $"{Experiments.Count}";
        Experiments.Add(id, experiment);
        return Json(new JsonObject { ["experiment_id"] = id });
    }

    private HttpResponseMessage Create(JsonObject message)
    {
        var id = $"run{Runs.Count}";
        var run = Runs[id] = new Run(message["experiment_id"]!.ToString(), message["run_name"]!.ToString());
        Log(run, message);
        return run.Tags["mlflow.runName"] == run.Name
            ? Json(new JsonObject { ["run"] = new JsonObject { ["info"] = new JsonObject { ["run_id"] = id } } })
            : Error(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE", "two names");
    }

    private JsonObject? Log(Run run, JsonObject message)
    {
        foreach (var tag in message["tags"] as JsonArray ?? [])
            run.Tags[tag!["key"]!.ToString()] = tag["value"]!.ToString();
        foreach (var option in message["params"] as JsonArray ?? [])
        {
            var (key, value) = (option!["key"]!.ToString(), option["value"]!.ToString());
            if (!run.Params.TryAdd(key, value) && run.Params[key] != value)
            {
                Problems.Add($"{key} is logged already, with another value");
                return null;
            }
        }
        foreach (var metric in message["metrics"] as JsonArray ?? [])
        {
            run.Metrics.Add((
                metric!["key"]!.ToString(), long.Parse(metric["step"]!.ToJsonString(), CultureInfo.InvariantCulture),
                metric["value"]!.GetValue<double>()));
        }
        return [];
    }

    private static JsonObject Update(Run run, JsonObject message)
    {
        (run.Status, run.Ended) = (message["status"]!.ToString(), message["end_time"] is not null);
        return [];
    }

    private HttpResponseMessage Of(JsonObject message, Func<Run, JsonObject?> answer) =>
        !Runs.TryGetValue(message["run_id"]!.ToString(), out var run)
            ? Error(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST", $"Run '{message["run_id"]}' not found")
        : answer(run) is { } json ? Json(json)
        : Error(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE", "refused");

    private static HttpResponseMessage Json(JsonObject json) => Text(HttpStatusCode.OK, json.ToJsonString());

    public static HttpResponseMessage Error(HttpStatusCode status, string code, string message) =>
        Text(status, new JsonObject { ["error_code"] = code, ["message"] = message }.ToJsonString());
}
