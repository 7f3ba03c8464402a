using System.Diagnostics;
using System.Globalization;

namespace Flixstock.Survival;

/// <summary>Signals in every phase of a training, and in the middle of every other command.</summary>
internal sealed class SignalPart(World world, Report report)
{
    private static readonly (string Name, int Number, int Code)[] Signals =
        [("SIGINT", Fault.Interrupt, 130), ("SIGTERM", Fault.Terminate, 143), ("SIGHUP", Fault.HangUp, 129)];

    public async Task Run()
    {
        // What a shell starts in the background ignores Ctrl-C, and so would every command from here.
        var ignored = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        if ((Convert.ToUInt64(ignored["SigIgn:".Length..].Trim(), 16) & 0b10) != 0)
        {
            report.Note(
                "SIGINT is ignored here, as of what a shell starts with &; start this in the foreground to try it");
        }
        report.Head("Stopped by a signal", "| command | signal | when | exit code | state saved | continues to equal "
            + "bytes |\n| --- | --- | --- | --- | --- | --- |");
        foreach (var scenario in Scenarios.Chosen(world).Where(_ => world.Library is not null))
        {
            var trial = new Trial(world, report, scenario);
            await trial.Begin();
            foreach (var (phase, point) in scenario.Name == "train" ? Phases(trial) : Middle(trial))
            {
                foreach (var (signal, number, code) in Signals)
                    await Try(trial, phase, point, signal, number, code);
            }
        }
        if (world.Options.Only.Length == 0)
            await new SignalCases(world, report).Run();
    }

    private IEnumerable<(string, Point)> Phases(Trial trial)
    {
        var run = world.In("now", "run");
        yield return ("at the start", new Point("mkdir,open", run + "*", 1, "before"));
        var reads = trial.Calls.Count(
            call => call.Kind == "read" && call.Path.Contains("/train/images/", StringComparison.Ordinal));
        yield return ("in a step", new Point("read", world.Data + "/images_*/train/images/*.jpg", reads - 4, "before"));
        var looks = trial.Calls.Count(
            call => call.Kind == "read" && call.Path.Contains("/val/images/", StringComparison.Ordinal));
        yield return ("in validation", new Point("read", world.Data + "/images_*/val/images/*.jpg", looks, "before"));
        var state = trial.Calls.Where(call => call.Kind == "write"
            && call.Path.Contains("state", StringComparison.Ordinal)).Select(call => call.Path).ToList();
        yield return (
            "while the state is saved",
            new Point("write", state[0], state.Count(path => path == state[0]) / 4, "before"));
        var last = trial.Calls.First(
            call => call.Kind == "write" && call.Path.Contains("last", StringComparison.Ordinal)).Path;
        yield return ("while weights are saved", new Point("write", last, 2, "before"));
    }

    private static IEnumerable<(string, Point)> Middle(Trial trial)
    {
        var changes = trial.Calls.Where(call => call.Kind is "write" or "copy" or "rename").ToList();
        if (changes.Count == 0)
            yield break;
        var (kind, path) = changes[changes.Count / 2];
        var count = 1 + changes.Take(changes.Count / 2).Count(call => call == (kind, path));
        yield return ("in the middle", new Point(kind, path, count, "before"));
    }

    private async Task Try(Trial trial, string phase, Point point, string signal, int number, int code)
    {
        var name = $"{trial.Scenario.Name}: {signal} {phase}";
        if (!world.IsChosen(name))
            return;
        await trial.Prepare();
        var outcome = await world.Run(trial.Scenario.Command, new Fault(point, Signal: number));
        // A command may come to its end before the signal is heard.
        if (outcome.Code != code && outcome.Code != 0)
            report.Fault($"{name}: exit {outcome.Code}: {outcome.FirstError}");
        var saved = Tree.FilesOf(world.Now)
            .Any(file => Path.GetFileName(file).StartsWith("state", StringComparison.Ordinal));
        var training = trial.Scenario.Name == "train";
        if (training && !saved && phase != "at the start")
            report.Fault($"{name}: no state was saved");
        var equal = trial.Counts.Equal;
        trial.Look(name);
        await trial.GoOn(name, readFirst: false);
        report.Row(
            $"`{trial.Scenario.Name}`", signal, phase, outcome.Code.ToString(CultureInfo.InvariantCulture),
            training ? saved ? "yes" : "no" : "", trial.Counts.Equal > equal ? "yes" : "no");
    }
}

/// <summary>Signals that need a moment of their own.</summary>
internal sealed class SignalCases(World world, Report report)
{
    // Steps that take a while.
    private static readonly string[] Large =
    [
        "--layers", "2,3,4,2", "--width", "1", "--image-size", "96", "--batch-size", "16", "--epochs", "2", "-q",
    ];

    public async Task Run()
    {
        await Once(
            "SIGTERM in a step of tresnet_m, 224 x 224, batch of 8", ["--epochs", "2", "-q"], 143,
            child => child.Signal(Fault.Terminate));
        await Once("a second SIGINT 0.1 s after the first", Large, 130, child =>
        {
            child.Signal(Fault.Interrupt);
            Thread.Sleep(100);
            child.Signal(Fault.Interrupt);
        });
        await NoHangUp();
        await Pipe();
        await StopAndContinue();
    }

    private async Task Once(string name, string[] options, int code, Action<Child> signal)
    {
        world.Clear();
        var run = world.In("now", "run");
        string[] command = ["train", "--data", world.Data, "--out", run, .. options];
        using var child = world.Start(command);
        await Until(child, () => File.Exists(Path.Combine(run, "run.json")));
        await Task.Delay(1500);
        var watch = Stopwatch.StartNew();
        signal(child);
        var outcome = await child.Wait(world.Limit);
        var saved = Tree.FilesOf(run).Any(file => Path.GetFileName(file).StartsWith("state", StringComparison.Ordinal));
        if (outcome.Code != code)
            report.Fault($"{name}: exit {outcome.Code}: {outcome.FirstError}");
        report.Row(
            "`train`", name, $"ended after {watch.Elapsed.TotalSeconds:0.0} s",
            outcome.Code.ToString(CultureInfo.InvariantCulture), saved ? "yes" : "no", "");
    }

    private async Task NoHangUp()
    {
        world.Clear();
        var run = world.In("now", "run");
        var environment = new Dictionary<string, string> { ["XDG_CACHE_HOME"] = world.In("cache") };
        using var child = Child.Start("nohup", [world.Options.Command, .. world.Train()], world.Now, environment);
        await Until(child, () => File.Exists(Path.Combine(run, "run.json")));
        child.Signal(Fault.HangUp);
        var outcome = await child.Wait(world.Limit);
        if (outcome.Code != 0)
            report.Fault($"SIGHUP under nohup: exit {outcome.Code}: {outcome.FirstError}");
        report.Row(
            "`nohup train`", "SIGHUP", "in a step", outcome.Code.ToString(CultureInfo.InvariantCulture), "",
            outcome.Code == 0 ? "not stopped" : "no");
    }

    private async Task Pipe()
    {
        world.Clear();
        var outcome = await world.Shell($"$FLIXSTOCK {string.Join(' ', world.Train().Where(word => word != "-q"))} | "
            + $"head -1; exit ${{PIPESTATUS[0]}}");
        if (outcome.Code != 0)
            report.Fault($"| head -1: exit {outcome.Code}: {outcome.FirstError}");
        report.Row("`train | head -1`", "SIGPIPE", "", outcome.Code.ToString(CultureInfo.InvariantCulture), "", "");
    }

    private async Task StopAndContinue()
    {
        world.Clear();
        using var child = world.Start(world.Train());
        await Until(child, () => File.Exists(world.In("now", "run", "run.json")));
        child.Signal(19);
        await Task.Delay(300);
        child.Signal(18);
        var outcome = await child.Wait(world.Limit);
        if (outcome.Code != 0)
            report.Fault($"SIGSTOP, SIGCONT: exit {outcome.Code}: {outcome.FirstError}");
        report.Row(
            "`train`", "SIGSTOP, SIGCONT", "in a step", outcome.Code.ToString(CultureInfo.InvariantCulture), "", "");
    }

    /// <summary>Waits until something is there or the process has ended.</summary>
    public static async Task Until(Child child, Func<bool> ready)
    {
        for (var i = 0; i < 6000 && !child.Ended && !ready(); i++)
            await Task.Delay(10);
    }
}
