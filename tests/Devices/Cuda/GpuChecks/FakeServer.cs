using System.Diagnostics;

namespace Flixstock.Tests.Devices;

/// <summary>
/// A GPU server on which every program that gpu-checks.sh starts is a fake, or a real one that is counted: the n-th
/// call of any of them can kill the script, its steps and itself, as a server that takes itself back does.
/// </summary>
internal sealed class FakeServer : IDisposable
{
    // The programs of a pipeline are called at the same time: each takes the first number that is not taken. A step is
    // a group of its own below timeout.
    private const string Count = """
        if [ "$KILL_AT" != 0 ]; then
            number=1
            set -C
            until true 2> /dev/null > "$FAKES/calls/$number"; do number=$((number + 1)); done
            set +C
            if [ "$number" = "$KILL_AT" ]; then
                echo "${0##*/} $*" > "$FAKES/killed"
                read -r session < "$FAKES/session"
                kill -9 "-$session"
                kill -9 0
            fi
        fi

        """;

    // A step begins where timeout is asked for it; where it is to be cut off, the time is up at once.
    private const string Timeout = """
        for step; do :; done
        echo "$step" >> "$FAKES/begun"
        case " $CUT " in *" $step "*) exit 124 ;; esac
        exec /usr/bin/timeout "$@"
        """;

    private const string Program = """
        folder=
        for word; do
            [ "$before" != --out ] || folder=$word
            before=$word
        done
        case "$*" in *"${FAILING:-nothing at all}"*) echo "this went wrong"; exit 1 ;; esac
        case "$*" in
            bench*gradients*) ;;
            bench*--infer*) echo "| net, inference, batch 4 | 9000.0 (1 - 2) | 1.00 |" ;;
            bench*)
                mkdir -p "$XDG_CACHE_HOME/flixstock/kernels"
                echo "| net, training, batch 4 | 6000.0 (1 - 2) | 10.00 |"
                ;;
            *torch_peer*) echo "torch 2: 3000.0 images/s, 1 ms/step, peak memory 20.00 GiB" ;;
            *" synth "*) mkdir -p "$folder" ;;
            *" train "*)
                mkdir -p "$folder" && echo weights > "$folder/last.safetensors"
                echo weights > "$folder/average.safetensors" && echo "validation loss 2.5" ;;
            *--filter*) printf '  total: 3\n  failed: 0\n  succeeded: 3\n  skipped: 0\n' ;;
        esac
        echo "${LAST_LINE:-all is well}"
        """;

    private static readonly string[] Counted =
        ["tar", "mv", "cp", "tail", "awk", "tee", "stat", "sed", "grep", "cmp", "mkdir", "touch", "gzip"];

    private static readonly string[] Faked = ["nvidia-smi", "compute-sanitizer", "ncu", "nsys", "fake-python", "fake"];

    private readonly TemporaryFolder _folder = new();

    public FakeServer()
    {
        foreach (var name in Counted)
            Write(name, $"exec {Where(name)} \"$@\"\n");
        foreach (var name in Faked)
            Write(name, Program);
        Write("timeout", Timeout);
    }

    /// <summary>Steps in the order in which they began, over all calls.</summary>
    public IReadOnlyList<string> Begun =>
        File.Exists(_folder["begun"]) ? File.ReadAllLines(_folder["begun"]) : [];

    /// <summary>The call that ended the last run; null if it ended by itself.</summary>
    public string? Killed => File.Exists(_folder["killed"]) ? File.ReadAllText(_folder["killed"]).Trim() : null;

    public string this[string name] => _folder[name];

    /// <summary>The lines of a results folder's summary: name, result, seconds, figure.</summary>
    public List<string[]> Summary(string results = "out")
    {
        var path = Path.Combine(_folder[results], "summary.txt");
        return !File.Exists(path) ? [] :
            [.. File.ReadAllLines(path).Select(line => line.Split('|', 4, StringSplitOptions.TrimEntries))];
    }

    /// <summary>Runs gpu-checks.sh in a session of its own.</summary>
    /// <param name="killAt">Which call of a program ends it; 0 for none.</param>
    /// <param name="variables">To set besides; null takes one away.</param>
    /// <param name="arguments">For the script.</param>
    public (int Code, string Output) Run(
        int killAt = 0, (string Name, string? Value)[]? variables = null, params string[] arguments)
    {
        if (Directory.Exists(_folder["calls"]))
            Directory.Delete(_folder["calls"], recursive: true);
        Directory.CreateDirectory(_folder["calls"]);
        File.Delete(_folder["killed"]);
        var start = new ProcessStartInfo(
            "setsid",
            [
                "--wait", "bash", "-c", "echo $$ > \"$FAKES/session\"; exec bash \"$0\" \"$@\"", GpuScripts.Checks,
                .. arguments,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = _folder.Path,
        };
        (string Name, string? Value)[] usual =
        [
            ("PATH", $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}"), ("FAKES", _folder.Path),
            ("KILL_AT", $"{killAt}"), ("OUT", _folder["out"]), ("LIMIT", "100000"), ("PYTHON", "fake-python"),
            ("REHEARSE", "fake"), ("REHEARSE_LAB", "fake lab"), ("REHEARSE_TESTS", "fake tests"),
            ("STATE", null), ("WORK", null), ("GOLDEN", null),
        ];
        foreach (var (name, value) in usual.Concat(variables ?? []))
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    public void Dispose() => _folder.Dispose();

    private static string Where(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':')
        .Select(folder => Path.Combine(folder, program)).First(File.Exists);

    private void Write(string name, string body)
    {
        var path = _folder.Write($"bin/{name}", $"#!/bin/sh\n{Count}{body}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

/// <summary>The scripts of tools/gpu.</summary>
internal static class GpuScripts
{
    public static string Checks => Path.Combine(Golden.RepositoryFolder, "tools", "gpu", "gpu-checks.sh");

    public static string Bodies => Path.Combine(Golden.RepositoryFolder, "tools", "gpu", "gpu-bodies.sh");

    public static string Verified => Path.Combine(Golden.RepositoryFolder, "tools", "gpu", "verified.sh");

    /// <summary>Names of the steps, in their order.</summary>
    public static IReadOnlyList<string> Steps()
    {
        var (code, output) = OwnTests.Start(["bash", Checks, "--list"]);
        Assert.That(code, Is.Zero, output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0])];
    }
}
