using System.Diagnostics;

namespace Flixstock.Survival;

/// <summary>
/// All tries of one command: something happens to it, a user goes on, and the end is compared with the undisturbed one.
/// </summary>
internal sealed class Trial(World world, Report report, Scenario scenario)
{
    private Snapshot _old = new(), _end = new();
    private HashSet<string> _differing = [];

    public TrialCounts Counts { get; } = new(scenario.Name);

    public Scenario Scenario { get; } = scenario;

    /// <summary>The calls that the command makes when nothing happens; empty without the preloaded library.</summary>
    public IReadOnlyList<(string Kind, string Path)> Calls { get; private set; } = [];

    /// <summary>How long it takes then.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>
    /// Runs it undisturbed; twice, since what two undisturbed runs do not have in common cannot be compared.
    /// </summary>
    /// <param name="once">Spares the second time, and with it the calls.</param>
    public async Task Begin(bool once = false)
    {
        await Prepare();
        _old = Snapshot.Of(world.Now);
        var watch = Stopwatch.StartNew();
        await world.Must(Scenario.Command);
        Duration = watch.Elapsed;
        _end = Snapshot.Of(world.Now);
        if (once)
            return;
        await Prepare();
        if (world.Library is null)
            await world.Must(Scenario.Command);
        else
            Calls = await Points.Seen(world, Scenario.Command);
        _differing = [.. _end.DifferencesTo(Snapshot.Of(world.Now)).Select(name => name.TrimStart('+', '-'))];
        if (_differing.Count > 0)
            report.Fault($"{Scenario.Name}: undisturbed runs differ in {string.Join(", ", _differing.Take(5))}");
        foreach (var left in _end.Entries.Keys.Where(Leftovers.Is).Except(_old.Entries.Keys))
            report.Note($"{Scenario.Name}: undisturbed, it leaves {left}");
    }

    /// <summary><c>now</c> as it is before the command.</summary>
    public async Task Prepare()
    {
        if (Scenario.Before is { } before)
            await before(world);
        else
            world.Clear();
    }

    /// <summary>
    /// Looks at what is there after something happened: every file with a final name is whole, old and new are not
    /// mixed.
    /// </summary>
    public void Look(string name)
    {
        var halves = FileCheck.Halves(world.Now);
        if (halves.Count > 0)
        {
            Counts.Halves++;
            report.Fault($"{name}: half-written: {string.Join("; ", halves)}{world.KeepFailure(name)}");
        }
        var found = Snapshot.Of(world.Now);
        if (found.Entries.Keys.Any(
            path => Leftovers.Is(path) && !_old.Entries.ContainsKey(path) && !_end.Entries.ContainsKey(path)))
        {
            Counts.LeftOnTheWay++;
        }
        // Renames that are written down (plan.json) are finished or undone by the next command that reads or writes
        // there.
        var planned = found.Entries.Keys.Any(
            path => Leftovers.Is(path) && path.EndsWith("plan.json", StringComparison.Ordinal));
        if (!planned && Mixture(found) is { } mixture)
        {
            Counts.Mixed++;
            report.Fault($"{name}: {mixture}{world.KeepFailure(name)}");
        }
    }

    /// <summary>Does what a user would, until one command ends with 0, and compares.</summary>
    public async Task GoOn(string name, bool readFirst)
    {
        if (readFirst && Scenario.Reader is { } reader)
            await Read(name, reader);
        var outcomes = new List<Outcome>();
        foreach (var next in Scenario.Next)
        {
            outcomes.Add(await world.Run(next));
            if (outcomes[^1].Code == 0)
                break;
        }
        // What refuses because it is done is at its end.
        if (outcomes[^1].Code != 0 && _end.DifferencesTo(Snapshot.Of(world.Now), _differing).Count > 0)
        {
            Counts.DeadEnds++;
            report.Fault($"{name}: dead end: "
                + $"{string.Join(" | ", outcomes.Select(outcome => $"exit {outcome.Code} {outcome.FirstError}"))}"
                + $"{world.KeepFailure(name)}");
            return;
        }
        if (outcomes.Count == 1)
            Counts.Continued++;
        else
            Counts.Again++;
        Compare(name);
    }

    // Whole old, or nothing of the old that differs from the new; null: neither is mixed.
    private string? Mixture(Snapshot found)
    {
        if (!Scenario.Replaces)
            return null;
        var (old, end, now) = (_old.Finished().Entries, _end.Finished().Entries, found.Finished().Entries);
        var replaced = old
            .Where(entry => entry.Value.Length > 0 && end.GetValueOrDefault(entry.Key) != entry.Value).ToList();
        var kept = replaced.Where(entry => now.GetValueOrDefault(entry.Key) == entry.Value)
            .Select(entry => entry.Key).ToList();
        if (kept.Count == 0)
            return null;
        var gone = replaced.Select(entry => entry.Key).Except(kept).ToList();
        var strange = now.Where(entry => entry.Value.Length > 0 && old.GetValueOrDefault(entry.Key) != entry.Value)
            .Select(entry => entry.Key).ToList();
        return gone.Count + strange.Count == 0
            ? null
            : $"old and new mixed: old {string.Join(", ", kept.Take(3))}; not old any more "
                + $"{string.Join(", ", gone.Union(strange).Take(4))}";
    }

    // What reads finds one of the two, whole.
    private async Task Read(string name, string[] reader)
    {
        var outcome = await world.Run(reader);
        var mixture = Mixture(Snapshot.Of(world.Now)) ?? (outcome.Crashed ? outcome.FirstError : null);
        if (mixture is null)
            return;
        Counts.Mixed++;
        report.Fault($"{name}: after {string.Join(' ', reader.Take(2))}: {mixture}{world.KeepFailure(name)}");
    }

    private void Compare(string name)
    {
        Counts.Ends++;
        var differences = _end.DifferencesTo(Snapshot.Of(world.Now), _differing);
        var left = differences.Where(path => path[0] == '+' && Leftovers.Is(path[1..])).ToList();
        if (left.Count > 0)
        {
            Counts.LeftAtTheEnd++;
            report.Fault($"{name}: left at the end: {string.Join(", ", left.Take(3))}");
        }
        var other = differences.Except(left).ToList();
        if (other.Count == 0)
            Counts.Equal++;
        else
            report.Fault($"{name}: another end: {string.Join(", ", other.Take(6))}{world.KeepFailure(name)}");
    }
}
