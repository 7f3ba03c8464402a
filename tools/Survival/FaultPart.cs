namespace Flixstock.Survival;

/// <summary>
/// Calls that fail at exact points, once or from there on: no space, no permission, read-only, a broken disk.
/// </summary>
internal sealed class FaultPart(World world, Report report)
{
    public async Task Run()
    {
        report.Head(
            "A call fails (ENOSPC, EIO, EROFS, EACCES, EDQUOT; once, or it and all later ones)",
            TrialCounts.FaultHeader);
        if (world.Library is null)
            return;
        var total = new TrialCounts("all");
        foreach (var scenario in Scenarios.Chosen(world))
        {
            var trial = new Trial(world, report, scenario);
            await trial.Begin();
            await Points(trial);
            report.Row(trial.Counts.FaultRow);
            total.Add(trial.Counts);
        }
        report.Row(total.FaultRow);
    }

    private async Task Points(Trial trial)
    {
        var points = Survival.Points.Of(trial.Calls, world.Now, Math.Min(2, world.Options.PerFile), world.Random)
            .Where(point => point.When != "after").ToList();
        var errors = Fault.Errors.ToList();
        for (var i = 0; i < points.Count; i += world.Options.Points)
        {
            var (error, number) = errors[i / world.Options.Points % errors.Count];
            // From there on everything that changes something fails, as on a disk that is full or read-only.
            var onwards = i / world.Options.Points / errors.Count % 2 == 1;
            var point = points[i] with { When = "before" };
            var name = $"{trial.Scenario.Name}: {error}{(onwards ? " from then on" : "")} {point.Text(world.Folder)}";
            if (world.IsChosen(name))
                await Try(trial, name, point, number, onwards);
        }
    }

    private async Task Try(Trial trial, string name, Point point, int number, bool onwards)
    {
        await trial.Prepare();
        var outcome = await world.Run(trial.Scenario.Command, new Fault(point, Error: number, Onwards: onwards));
        trial.Counts.Tries++;
        if (outcome.Code == 0)
        {
            trial.Counts.Passed++;
        }
        else if (!outcome.Crashed && outcome.Code is 1 or 2
            && outcome.FirstError.Contains(world.Now, StringComparison.Ordinal))
        {
            trial.Counts.Clear++;
        }
        else
        {
            trial.Counts.Unclear++;
            report.Fault($"{name}: exit {outcome.Code}: {outcome.FirstError}");
        }
        trial.Look(name);
        await trial.GoOn(name, readFirst: false);
    }
}
