namespace Flixstock.Survival;

/// <summary>Damaged files of a run, and what continues or reads it.</summary>
internal sealed class DamagePart(World world, Report report)
{
    private readonly Dictionary<string, int> _verdicts = [];

    private string Run => world.In("now", "run");

    public async Task Begin()
    {
        report.Head("Damaged files", "| file | command | " + string.Join(" | ", Damage.Kinds) + " |\n| --- | --- |"
            + string.Concat(Damage.Kinds.Select(_ => " --- |")));
        await Other();
        await Scenarios.StoppedRun(world);
        var names = Tree.FilesOf(Run)
            .Where(name => Path.GetExtension(name) is not ".png" && !Leftovers.Is(name)).ToList();
        await world.Must(world.ResumeStopped());
        var end = Snapshot.Of(world.Now);
        foreach (var name in names)
            await Row(name, "train --resume", kind => Continue(name, kind, end));
        foreach (var (command, arguments) in Readers())
        {
            await Scenarios.Kept(world, "run", world.Train());
            var whole = await world.Run(arguments);
            var file = command.Contains("prior", StringComparison.Ordinal) ? "prior.csv" : "best.safetensors";
            await Row(file, command, kind => Read(file, kind, arguments, whole));
        }
        var verdicts = _verdicts.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value} {pair.Key}");
        report.Row($"\n{string.Join(", ", verdicts)}");
    }

    // The same run with another seed.
    private Task Other() => Scenarios.Kept(world, "other", world.Train("--seed", "2", "--stop-epoch", "1"));

    private IEnumerable<(string, string[])> Readers()
    {
        var best = Path.Combine(Run, "best.safetensors");
        yield return ("validate", ["validate", "--data", world.Data, "--weights", best, "-q"]);
        yield return (
            "infer --json",
            ["infer", "--weights", best, "--json", Path.Combine(world.Data, "images_split", "val", "images"), "-q"]);
        yield return ("thresholds", ["thresholds", "--data", world.Data, "--weights", best, "-q"]);
        yield return ("export", ["export", "--weights", best, "--out", world.In("now", "model.onnx"), "-q"]);
        yield return ("weights convert", ["weights", "convert", best, world.In("now", "model.pth"), "-q"]);
        yield return ("weights show", ["weights", "show", best]);
        yield return ("train --weights", world.TrainInto(world.In("now", "next"), "--weights", best));
        yield return (
            "train --prior-path",
            world.TrainInto(world.In("now", "next"), "--prior-path", Path.Combine(Run, "prior.csv")));
    }

    private async Task Row(string file, string command, Func<string, Task<string>> attempt)
    {
        var cells = new List<string> { $"`{file}`", $"`{command}`" };
        foreach (var kind in Damage.Kinds)
            cells.Add(world.IsChosen($"{command}: {file} {kind}") ? await attempt(kind) : "");
        report.Row([.. cells]);
    }

    private async Task<string> Continue(string file, string kind, Snapshot end)
    {
        await Scenarios.StoppedRun(world);
        Damage.Do(Path.Combine(Run, file), kind, world.In("kept", "other", "run", file));
        var outcome = await world.Run(world.ResumeStopped());
        var name = $"train --resume: {file} {kind}";
        if (outcome.Code != 0)
            return Refusal(name, file, outcome);
        var differences = end.DifferencesTo(Snapshot.Of(world.Now));
        if (differences.Count == 0)
        {
            return Verdict(
                outcome.Errors.Contains(file, StringComparison.Ordinal) ? "said, equal bytes" : "equal bytes");
        }
        // A key or a number that nothing reads: nothing follows from it.
        var isUnread = (file is "run.json" or "pictures.csv.gz") && differences.SequenceEqual(["run/" + file]);
        return isUnread
            ? Verdict("the rest equal")
            : Wrong(name, $"silently another end ({string.Join(", ", differences.Take(4))})");
    }

    private async Task<string> Read(string file, string kind, string[] arguments, Outcome whole)
    {
        // A whole file of another run is a right one for what only reads.
        if (kind == Damage.Kinds[^1])
            return "";
        await Scenarios.Kept(world, "run", world.Train());
        Damage.Do(Path.Combine(Run, file), kind, "");
        var outcome = await world.Run(arguments);
        var name = $"{arguments[0]}: {file} {kind}";
        return outcome.Code != 0 ? Refusal(name, file, outcome)
            : outcome.Output == whole.Output && arguments[0] is "validate" or "infer" ? Verdict("no difference")
            // A table of priors is an input, and any number in it a right one.
            : file == "prior.csv" && kind == Damage.Kinds[4] ? Verdict("taken: another prior")
            : Wrong(name, "taken without a word");
    }

    private string Refusal(string name, string file, Outcome outcome) =>
        outcome.Crashed
            ? Wrong(name, $"crash: {outcome.FirstError}")
            : outcome.FirstError.Contains(file.Split('.')[0], StringComparison.Ordinal)
                && outcome.FirstError.Contains(world.Now, StringComparison.Ordinal)
                ? Verdict("refused")
                : Wrong(name, $"unclear: {outcome.FirstError}");

    private string Verdict(string text)
    {
        _verdicts[text] = _verdicts.GetValueOrDefault(text) + 1;
        return text;
    }

    private string Wrong(string name, string text)
    {
        report.Fault($"{name}: {text}{world.KeepFailure(name)}");
        return "**" + Verdict(text.Split([':', '('])[0].Trim()) + "**";
    }
}
