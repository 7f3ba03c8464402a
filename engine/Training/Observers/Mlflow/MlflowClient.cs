using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>
/// The calls of MLflow's REST API 2.0 that a run needs. Messages, fields and limits are those of
/// mlflow/protos/service.proto in MLflow (https://github.com/mlflow/mlflow).
/// </summary>
/// <param name="server">The server.</param>
/// <param name="handler">What sends requests.</param>
internal sealed class MlflowClient(MlflowServer server, HttpMessageHandler handler) : IDisposable
{
    private const string Api = "/api/2.0/mlflow/", NotThere = "RESOURCE_DOES_NOT_EXIST", Deleted = "deleted";
    private const int LongestReason = 300, LargestAnswer = 1 << 22;

    private readonly HttpClient _http = new(handler)
    {
        Timeout = Timeout.InfiniteTimeSpan, // Patience is it
        MaxResponseContentBufferSize = LargestAnswer,
    };

    /// <summary>How long to wait for an answer.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Id of an experiment, which is made if there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="InputException">It was deleted.</exception>
    /// <exception cref="MlflowException">The server refuses or does not answer.</exception>
    public string Experiment(string name)
    {
        try
        {
            var found = Get("experiments/get-by-name", "experiment_name", name, default)["experiment"];
            if (found?["lifecycle_stage"]?.ToString() == Deleted)
            {
                throw new InputException($"{Term.MlflowExperiment} '{name}': the experiment was deleted on the server; "
                    + $"restore it there, or give another name");
            }
            return Text(found?["experiment_id"], "experiment_id");
        }
        catch (MlflowException e) when (e.Code == NotThere)
        {
            return Text(
                Post("experiments/create", new JsonObject { ["name"] = name }, default)["experiment_id"],
                "experiment_id");
        }
    }

    /// <summary>Begins a run and gives its id.</summary>
    /// <param name="experiment">Id of the experiment.</param>
    /// <param name="name">Name of the run.</param>
    /// <param name="time">When it began, in milliseconds since 1970.</param>
    /// <param name="tags">What is known of it.</param>
    public string CreateRun(string experiment, string name, long time, IEnumerable<(string Key, string Value)> tags)
    {
        var answer = Post("runs/create", new JsonObject
        {
            ["experiment_id"] = experiment,
            ["run_name"] = name,
            ["start_time"] = time,
            ["tags"] = Pairs(tags.Prepend(("mlflow.runName", name))),
        }, default);
        return Text(answer["run"]?["info"]?["run_id"], "run_id");
    }

    /// <summary>True if there is a run that was not deleted.</summary>
    /// <param name="run">Id of the run.</param>
    public bool HasRun(string run)
    {
        try
        {
            return Get("runs/get", "run_id", run, default)["run"]?["info"]?["lifecycle_stage"]?.ToString() != Deleted;
        }
        catch (MlflowException e) when (e.Code == NotThere)
        {
            return false;
        }
    }

    /// <summary>Logs options of a run, 100 by call, and tags.</summary>
    public void LogOptions(
        string run, IEnumerable<(string Key, string Value)> options, IEnumerable<(string Key, string Value)> tags)
    {
        var first = Pairs(tags);
        foreach (var part in options.Chunk(100).DefaultIfEmpty([]))
        {
            Post("runs/log-batch", new JsonObject
            {
                ["run_id"] = run,
                ["params"] = Pairs(part),
                ["tags"] = first,
            }, default);
            first = [];
        }
    }

    /// <summary>Logs figures of a run, at most 1,000.</summary>
    public void LogMetrics(string run, JsonArray metrics, CancellationToken cancellation) =>
        Post("runs/log-batch", new JsonObject { ["run_id"] = run, ["metrics"] = metrics }, cancellation);

    /// <summary>Sets the status of a run.</summary>
    /// <param name="run">Id of the run.</param>
    /// <param name="status">RUNNING, FINISHED, FAILED or KILLED.</param>
    /// <param name="end">When it ended, in milliseconds since 1970; null: it has not.</param>
    /// <param name="cancellation">Stops waiting for an answer.</param>
    public void Update(string run, string status, long? end, CancellationToken cancellation)
    {
        var message = new JsonObject { ["run_id"] = run, ["status"] = status };
        if (end is { } time)
            message["end_time"] = time;
        Post("runs/update", message, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private JsonObject Get(string call, string name, string value, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, At($"{call}?{name}={Uri.EscapeDataString(value)}"));
        return Send(request, cancellation);
    }

    private JsonObject Post(string call, JsonObject message, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, At(call))
        {
            Content = new StringContent(message.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        return Send(request, cancellation);
    }

    private Uri At(string call) => new(server.Address.GetLeftPart(UriPartial.Path).TrimEnd('/') + Api + call);

    private JsonObject Send(HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Headers.Authorization = Authorization();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            using var response = _http.Send(request, limit.Token);
            var answer = Parse(response.Content.ReadAsStringAsync(limit.Token).GetAwaiter().GetResult());
            if (!response.IsSuccessStatusCode)
                throw Refusal(response.StatusCode, answer);
            return answer ?? throw new MlflowException(
                "what answers there is no MLflow server: it sends no JSON", passes: false);
        }
        catch (HttpRequestException e)
        {
            throw new MlflowException(Reason(e.InnerException?.Message ?? e.Message), passes: true, inner: e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new MlflowException($"no answer within {Patience.TotalSeconds:0} seconds", passes: true, inner: e);
        }
    }

    private AuthenticationHeaderValue? Authorization() =>
        server.UserName is { } user
            ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{server.Password}")))
        : server.Token is { } token ? new("Bearer", token)
        : null;

    private static MlflowException Refusal(HttpStatusCode status, JsonObject? answer)
    {
        var passes = (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;
        var code = answer?["error_code"]?.ToString();
        var reason = answer?["message"]?.ToString() is { Length: > 0 } message ? Reason(message)
            : answer is null && !passes ? "is that the address of an MLflow server?"
            : code ?? "without a reason";
        return new MlflowException($"{(int)status} {status}: {reason}", passes, code);
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return StrictJson.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null; // a proxy's page
        }
    }

    // What a server says may be long, and of several lines.
    private static string Reason(string text)
    {
        text = HiddenCharacters.Blanked(text.ReplaceLineEndings(" ")).Trim().TrimEnd('.');
        return text.Length <= LongestReason ? text : text[..LongestReason] + "...";
    }

    private static JsonArray Pairs(IEnumerable<(string Key, string Value)> pairs) =>
        [.. pairs.Select(pair => new JsonObject { ["key"] = pair.Key, ["value"] = pair.Value })];

    private static string Text(JsonNode? value, string name) => value?.ToString() is { Length: > 0 } text
        ? text
        : throw new MlflowException($"what answers there is no MLflow server: it gives no {name}", passes: false);
}
