namespace Flixstock.Survival;

/// <summary>
/// SIGKILL at exact calls and at random moments, then what a user would do, then a comparison with the undisturbed end.
/// </summary>
internal sealed class KillPart(World world, Report report)
{
    public async Task Run()
    {
        report.Head("Killed (SIGKILL)", TrialCounts.KillHeader);
        var total = new TrialCounts("all");
        foreach (var scenario in Scenarios.Chosen(world))
        {
            var trial = new Trial(world, report, scenario);
            await trial.Begin();
            await ExactPoints(trial);
            for (var i = 0; i < world.Options.Random; i++)
                await AtRandom(trial, i);
            report.Row(trial.Counts.KillRow);
            total.Add(trial.Counts);
        }
        report.Row(total.KillRow);
    }

    private async Task ExactPoints(Trial trial)
    {
        var points = Points.Of(trial.Calls, world.Now, world.Options.PerFile, world.Random);
        for (var i = 0; i < points.Count; i += world.Options.Points)
        {
            var name = $"{trial.Scenario.Name}: {points[i].Text(world.Folder)}";
            if (!world.IsChosen(name))
                continue;
            await trial.Prepare();
            var outcome = await world.Run(trial.Scenario.Command, new Fault(points[i], Fault.Kill));
            if (!outcome.Killed)
            {
                report.Note($"{name}: not met (exit {outcome.Code})");
                continue;
            }
            trial.Counts.Tries++;
            trial.Look(name);
            await trial.GoOn(name, readFirst: i / world.Options.Points % 2 == 0);
        }
    }

    // Killed again and again, each time with what a user would give next, until it has come to its end.
    private async Task AtRandom(Trial trial, int index)
    {
        var name = $"{trial.Scenario.Name}: at random, try {index}";
        if (!world.IsChosen(name))
            return;
        await trial.Prepare();
        var command = trial.Scenario.Command;
        for (var kill = 0; kill < 6; kill++)
        {
            var moment = trial.Duration * world.Random.NextDouble(0.15, 1.1);
            using var child = world.Start(command);
            var end = child.Wait(world.Limit);
            await Task.WhenAny(Task.Delay(moment), end);
            child.Signal(Fault.Kill);
            var outcome = await end;
            if (outcome.Code == 0)
                break;
            // A continuation that has nothing to continue yet is refused at once; the command itself comes next.
            command = outcome.Killed ? trial.Scenario.Next[0] : trial.Scenario.Next[^1];
            if (!outcome.Killed)
                continue;
            trial.Counts.Tries++;
            trial.Look($"{name}, kill {kill} after {moment.TotalMilliseconds:0} ms");
        }
        await trial.GoOn(name, readFirst: false);
    }
}
