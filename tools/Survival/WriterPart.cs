namespace Flixstock.Survival;

/// <summary>Two commands that write to one place.</summary>
internal sealed class WriterPart(World world, Report report)
{
    private const int Stop = 19, Continue = 18;
    private readonly Cases _cases = new(world, report);

    private string Run => world.In("now", "run");

    public async Task Begin()
    {
        report.Head("Two writers", Cases.Header);
        for (var i = 1; i <= 5; i++)
            await Chosen($"two `train` at the same moment, {i}", SameMoment);
        var overwrite = world.Train("--overwrite", "--seed", "2");
        await Chosen(
            "`train --overwrite` into a running one", name => WhileStopped(name, world.Train(), Begun, overwrite));
        await Chosen(
            "`train --two-stage --overwrite` into a running one",
            name => WhileStopped(name, world.Train(), Begun, [.. overwrite, "--two-stage"]));
        await Chosen(
            "`train --overwrite` into a running one in two stages",
            name => WhileStopped(name, world.Train("--two-stage"), BegunIgnore, overwrite));
        await Chosen(
            "two `--resume`",
            name => WhileStopped(name, world.ResumeStopped(), Epoch2, world.ResumeStopped(), Scenarios.StoppedRun));
        await Chosen("`thresholds --in-place` on a running one's best weights", name => WhileStopped(
            name, world.ResumeStopped(), Epoch2, [.. Thresholds, "--in-place"], Scenarios.StoppedRun));
        string[] draw = ["synth", "--out", Run, "--count", "24", "--size", "32", "-q"],
            again = [.. draw, "--overwrite"];
        await Chosen(
            "two `split` of one folder at the same moment", name => Twice(name, draw, ["split", "--data", Run, "-q"]));
        await Chosen("two `synth --overwrite` of one folder at the same moment", name => Twice(name, draw, again));
        string[] export =
        [
            "export", "--weights", Path.Combine(Run, "best.safetensors"),
            "--out", Path.Combine(Run, "model.onnx"), "-q",
        ];
        await Chosen("two `export` to one file at the same moment", name => Twice(name, world.Train(), export));
        await Chosen(
            "two `thresholds --in-place` of one file at the same moment",
            name => Twice(name, world.Train(), [.. Thresholds, "--in-place"]));
    }

    private string[] Thresholds =>
        ["thresholds", "--data", world.Data, "--weights", Path.Combine(Run, "best.safetensors"), "-q"];

    private Task Chosen(string name, Func<string, Task> attempt) =>
        world.IsChosen(name) ? attempt(name) : Task.CompletedTask;

    private bool Begun() => File.Exists(Path.Combine(Run, "run.json"));

    private bool BegunIgnore() => File.Exists(Path.Combine(Run, "ignore", "run.json"));

    private bool Epoch2() => File.Exists(world.In("calls.log"));

    private async Task SameMoment(string name)
    {
        string[][] commands = [world.Train("--seed", "1"), world.Train("--seed", "2")];
        Snapshot[] ends = [await _cases.End(commands[0]), await _cases.End(commands[1])];
        world.Clear();
        using var first = world.Start(commands[0]);
        using var second = world.Start(commands[1]);
        Outcome[] outcomes = [await first.Wait(world.Limit), await second.Wait(world.Limit)];
        var winners = Enumerable.Range(0, 2).Where(i => outcomes[i].Code == 0).ToList();
        if (winners.Count != 1)
        {
            _cases.Add(name, outcomes[1], "", $"{winners.Count} of 2 end with 0");
            return;
        }
        var loser = outcomes[1 - winners[0]];
        var differences = ends[winners[0]].DifferencesTo(Snapshot.Of(world.Now));
        _cases.Add(name, loser, "one is refused, the other ends with its own bytes",
            differences.Count > 0 ? $"another end: {string.Join(", ", differences.Take(4))}" : Refused(loser));
    }

    // The first is stopped (SIGSTOP) as soon as it has begun, so that the second meets it for certain.
    private async Task WhileStopped(
        string name, string[] first, Func<bool> ready, string[] second, Func<World, Task>? before = null)
    {
        string[][] undisturbed = before is null ? [first] : [world.Train("--stop-epoch", "1")];
        var end = await _cases.End(undisturbed);
        if (before is not null)
        {
            await before(world);
            await world.Must(first);
            end = Snapshot.Of(world.Now);
            await before(world);
        }
        else
        {
            world.Clear();
        }

        File.Delete(world.In("calls.log"));
        using var child = world.Start(first, null, world.In("calls.log"));
        await SignalCases.Until(child, () => ready() && SeenStep());
        child.Signal(Stop);
        var refused = await world.Run(second);
        child.Signal(Continue);
        var outcome = await child.Wait(world.Limit);
        var differences = end.DifferencesTo(Snapshot.Of(world.Now));
        _cases.Add(name, refused, "refused; the first ends with equal bytes", refused.Code == 0
            ? $"both run; the first ends with {outcome.Code}" + (differences.Count == 0
                ? ", equal bytes"
                : $", another end: {string.Join(", ", differences.Take(4))}")
            : outcome.Code != 0
                ? $"the first ends with {outcome.Code} {outcome.FirstError}"
                : differences.Count > 0
                    ? $"another end: {string.Join(", ", differences.Take(4))}"
                    : Refused(refused));
    }

    // Reading pictures: the run has been opened.
    private bool SeenStep() => world.Library is null
        || (File.Exists(world.In("calls.log")) && File.ReadAllText(world.In("calls.log")).Split('\n').Count(
            line => line.StartsWith("read", StringComparison.Ordinal)
                && line.EndsWith(".jpg", StringComparison.Ordinal)) > 40);

    private async Task Twice(string name, string[] before, string[] command)
    {
        var end = await _cases.End(before, command);
        world.Clear();
        await world.Must(before);
        using var first = world.Start(command);
        using var second = world.Start(command);
        Outcome[] outcomes = [await first.Wait(world.Limit), await second.Wait(world.Limit)];
        var worse = outcomes.MaxBy(outcome => outcome.Code)!;
        var differences = end.DifferencesTo(Snapshot.Of(world.Now));
        _cases.Add(
            name, worse,
            worse.Code == 0 ? "both end with 0, equal bytes" : "one is refused, the other ends with equal bytes",
            outcomes.All(outcome => outcome.Code != 0)
                ? $"both fail: {outcomes[0].FirstError} | {outcomes[1].FirstError}"
                : differences.Count > 0
                    ? $"another end: {string.Join(", ", differences.Take(4))}"
                    : worse.Code == 0 ? null : Refused(worse));
    }

    private string? Refused(Outcome outcome) =>
        outcome.Crashed
            ? "crashed"
            : outcome.FirstError.Contains(world.Now, StringComparison.Ordinal)
                ? null
                : "the message does not name the place";
}
