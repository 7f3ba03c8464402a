namespace Flixstock.Survival;

/// <summary>
/// A few seconds of kills for every test run: SIGKILL as soon as a file appears, without the preloaded library.
/// </summary>
internal sealed class ShortPart(World world, Report report)
{
    public async Task Run()
    {
        report.Head("Killed (SIGKILL) as soon as a file appears", TrialCounts.KillHeader);
        var scenarios = Scenarios.All(world).ToDictionary(scenario => scenario.Name);
        await Kill(scenarios["train"], "run/run.json", "run/last.safetensors");
        await Kill(scenarios["split --overwrite"], "data/.writing-*/new/images_split", "data/.writing-*/old/*");
    }

    private async Task Kill(Scenario scenario, params string[] patterns)
    {
        var trial = new Trial(world, report, scenario);
        await trial.Begin(once: true);
        foreach (var pattern in patterns)
        {
            await trial.Prepare();
            using var child = world.Start(scenario.Command);
            for (var end = child.Wait(world.Limit); !end.IsCompleted && !Appeared(pattern.Split('/'), world.Now);)
                await Task.Delay(1);
            child.Signal(Fault.Kill);
            // One that was faster than the eye has ended, which is no fault either.
            if ((await child.Wait(world.Limit)).Killed)
                trial.Counts.Tries++;
            trial.Look($"{scenario.Name}: as soon as {pattern} appears");
            await trial.GoOn($"{scenario.Name}: as soon as {pattern} appears", readFirst: true);
        }
        report.Row(trial.Counts.KillRow);
    }

    private static bool Appeared(ReadOnlySpan<string> pattern, string folder)
    {
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(
                folder, pattern[0], new EnumerationOptions { AttributesToSkip = FileAttributes.None }))
            {
                if (pattern.Length == 1 || Appeared(pattern[1..], path))
                    return true;
            }
        }
        catch (IOException)
        {
            // Gone meanwhile, or no folder.
        }
        return false;
    }
}
