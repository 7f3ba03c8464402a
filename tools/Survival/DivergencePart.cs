namespace Flixstock.Survival;

/// <summary>Trainings whose loss becomes infinite or not a number.</summary>
internal sealed class DivergencePart(World world, Report report)
{
    private readonly Cases _cases = new(world, report);

    public async Task Begin()
    {
        report.Head("A loss that is not finite", Cases.Header);
        foreach (var rate in new[] { "1e4", "1e10", "1e30", "1e300" })
            await Try(rate);
    }

    private async Task Try(string rate)
    {
        var name = $"`--lr {rate}`, then `--resume --lr 1e-3`";
        if (!world.IsChosen(name))
            return;
        world.Clear();
        var outcome = await world.Run(world.Train("--lr", rate));
        var files = string.Join(", ", Tree.FilesOf(world.In("now", "run")));
        if (outcome.Code == 0)
        {
            _cases.Add(name, outcome, "trained to its end", null);
            return;
        }
        var next = await world.Run(world.Resume("--lr", "1e-3"));
        var halves = FileCheck.Halves(world.Now);
        _cases.Add(name, outcome, $"left: {files}; --resume --lr: exit {next.Code}",
            outcome.Crashed
                ? "crashed"
                : next.Code != 0
                    ? $"--resume --lr: exit {next.Code}: {next.FirstError}"
                    : halves.Count > 0 ? halves[0] : null);
    }
}
