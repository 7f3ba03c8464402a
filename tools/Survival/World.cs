using Flixstock.Engine;

namespace Flixstock.Survival;

/// <summary>
/// The folder in which commands are tried: <c>data</c> (divided pictures), <c>raw</c> (the same before <c>split</c>),
/// <c>kept</c> (results to begin from) and <c>now</c>, where every try begins anew at the same path, so that equal
/// results have equal bytes.
/// </summary>
internal sealed class World : IDisposable
{
    private const string Kept = "kept";
    private static readonly string[] Network =
    [
        "--layers", "1,1,1,1", "--width", "0.25", "--image-size", "32", "--batch-size", "8",
    ];

    // Results do not depend on threads, and on a busy machine one is faster.
    private static readonly string[] OneThread = ["--threads", "1", "--workers", "1"];
    private readonly bool _temporary;

    public World(SurvivalOptions options)
    {
        Options = options;
        _temporary = options.Work is null;
        Folder = options.Work ?? Directory.CreateTempSubdirectory("flixstock-survival").FullName;
        Directory.CreateDirectory(Folder);
        Library = FaultLibrary.Make(Folder, out var missing);
        Missing = missing;
    }

    public SurvivalOptions Options { get; }

    public string Folder { get; }

    /// <summary>
    /// The preloaded library; null where it could not be made, for the reason in <see cref="Missing"/>.
    /// </summary>
    public string? Library { get; }

    public string Missing { get; }

    public string Now => In("now");

    public string Data => In("data");

    public string Raw => In("raw");

    /// <summary>Where a command is lent the tries' longest time before it counts as hanging.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(120);

    public SeededRandom Random => field ??= new SeededRandom((ulong)Options.Seed);

    public string In(params string[] parts) => Path.Combine([Folder, .. parts]);

    /// <summary>A training of the tiny network into <c>now/run</c>, of two epochs unless told otherwise.</summary>
    public string[] Train(params string[] more) => TrainInto(In("now", "run"), more);

    public string[] TrainInto(string folder, params string[] more) =>
        [
            "train", "--data", Data, "--out", folder, .. Network, .. OneThread, "-q",
            .. more.Contains("--epochs") ? [] : (string[])["--epochs", "2"], .. more,
        ];

    /// <summary>The training in <c>now/run</c>, continued.</summary>
    public string[] Resume(params string[] more) =>
        ["train", "--data", Data, "--out", In("now", "run"), "--resume", .. OneThread, "-q", .. more];

    /// <summary>The run of <see cref="Scenarios.StoppedRun"/>, continued to the end of its schedule.</summary>
    public string[] ResumeStopped() => Resume("--stop-epoch", "2");

    /// <summary>True if <c>--only</c> leaves a try.</summary>
    public bool IsChosen(string name) => name.Contains(Options.Only, StringComparison.Ordinal);

    /// <summary>Draws and divides the pictures.</summary>
    public async Task Begin()
    {
        await Must("synth", "--out", Raw, "--count", "40", "--size", "48", "--seed", "7", "-q");
        Tree.Copy(Raw, Data);
        await Must("split", "--data", Data, "--no-augment", "-q");
    }

    /// <summary>An empty <c>now</c>.</summary>
    public void Clear()
    {
        Tree.Remove(Now);
        Directory.CreateDirectory(Now);
    }

    /// <summary>A folder or file of <c>now</c> that later tries begin from.</summary>
    public void Keep(string name) => Tree.Copy(Now, In(Kept, name));

    public bool IsKept(string name) => Directory.Exists(In(Kept, name));

    /// <summary><c>now</c> as it was kept.</summary>
    public void Take(string name)
    {
        Clear();
        Tree.Copy(In(Kept, name), Now);
    }

    /// <summary>Runs the command in <c>now</c> to its end.</summary>
    public Task<Outcome> Run(params string[] arguments) => Run(arguments, fault: null);

    public async Task<Outcome> Run(
        string[] arguments, Fault? fault, string? log = null, IReadOnlyDictionary<string, string>? more = null)
    {
        using var child = Start(arguments, fault, log, more);
        return await child.Wait(Limit);
    }

    public Child Start(
        string[] arguments, Fault? fault = null, string? log = null,
        IReadOnlyDictionary<string, string>? more = null) =>
        Child.Start(Options.Command, arguments, Now, Environment(fault, log, more));

    /// <summary>Runs a line of bash in which <c>$FLIXSTOCK</c> is the command.</summary>
    public async Task<Outcome> Shell(string line)
    {
        using var child = Child.Start("bash", ["-c", line], Now, Environment(null, null, null));
        return await child.Wait(Limit);
    }

    /// <summary>Runs what has to succeed.</summary>
    public async Task<Outcome> Must(params string[] arguments)
    {
        Directory.CreateDirectory(Now);
        var outcome = await Run(arguments);
        return outcome.Code == 0
            ? outcome
            : throw new InvalidOperationException(
                $"flixstock {string.Join(' ', arguments)}: exit {outcome.Code}: {outcome.Errors}");
    }

    /// <summary>Keeps <c>now</c> as a failure to look at, if that was asked for.</summary>
    public string KeepFailure(string name)
    {
        if (Options.Keep is null)
            return "";
        var plain = string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        var folder = Path.Combine(Options.Keep, plain.Length > 150 ? plain[..150] : plain);
        Tree.Remove(folder);
        Tree.Copy(Now, folder);
        return $" (kept in {folder})";
    }

    public void Dispose()
    {
        if (_temporary)
            Tree.Remove(Folder);
    }

    private Dictionary<string, string> Environment(Fault? fault, string? log, IReadOnlyDictionary<string, string>? more)
    {
        var environment =
            new Dictionary<string, string> { ["XDG_CACHE_HOME"] = In("cache"), ["FLIXSTOCK"] = Options.Command };
        if (Library is not null && (fault is not null || log is not null || more is not null))
        {
            environment["LD_PRELOAD"] = Library;
            environment["SURVIVAL_ROOTS"] = $"{Now}:{Data}";
        }
        if (log is not null)
            environment["SURVIVAL_LOG"] = log;
        foreach (var (name, value) in fault?.Environment ?? [])
            environment[name] = value;
        foreach (var (name, value) in more ?? new Dictionary<string, string>())
            environment[name] = value;
        return environment;
    }
}
