using System.Globalization;

namespace Flixstock.Survival;

/// <summary>
/// Rows of a table that says what happens: what was done, exit code, the message's first line, what came of it.
/// </summary>
internal sealed class Cases(World world, Report report)
{
    public const string Header = "| what | exit code | message | afterwards |\n| --- | --- | --- | --- |";
    private readonly Dictionary<string, Snapshot> _ends = [];

    /// <summary>One row, and a fault where there is one.</summary>
    /// <param name="name">What was done.</param>
    /// <param name="outcome">Of the command it was done to.</param>
    /// <param name="afterwards">What came of it.</param>
    /// <param name="fault">What is wrong with that; null: nothing.</param>
    public void Add(string name, Outcome outcome, string afterwards, string? fault)
    {
        var message = outcome.Code == 0 && !outcome.FirstError.StartsWith("error", StringComparison.Ordinal)
            ? Note(outcome)
            : outcome.FirstError;
        message = message.Replace(world.Now + "/", "", StringComparison.Ordinal)
            .Replace(world.Folder + "/", "", StringComparison.Ordinal);
        report.Row(
            name, outcome.Code.ToString(CultureInfo.InvariantCulture),
            message.Length > 160 ? message[..157] + "..." : message, fault ?? afterwards);
        if (fault is not null)
            report.Fault($"{name}: exit {outcome.Code}: {fault}: {outcome.FirstError}{world.KeepFailure(name)}");
    }

    /// <summary>The end of a training that nothing happened to.</summary>
    public async Task<Snapshot> End(params string[][] commands)
    {
        var key = string.Join('\n', commands.Select(command => string.Join(' ', command)));
        if (!_ends.TryGetValue(key, out var end))
        {
            world.Clear();
            foreach (var command in commands)
                await world.Must(command);
            _ends[key] = end = Snapshot.Of(world.Now);
        }
        return end;
    }

    /// <summary>Goes on as a user would and compares with the undisturbed end.</summary>
    /// <returns>What came of it, and what is wrong.</returns>
    public async Task<(string Afterwards, string? Fault)> GoOn(Snapshot end, params string[][] next)
    {
        var halves = FileCheck.Halves(world.Now);
        if (halves.Count > 0)
            return ("", $"half-written: {string.Join("; ", halves)}");
        var outcomes = new List<Outcome>();
        foreach (var command in next)
        {
            outcomes.Add(await world.Run(command));
            if (outcomes[^1].Code == 0)
                break;
        }
        if (outcomes.Count > 0 && outcomes[^1].Code != 0)
            return ("", $"dead end: {string.Join(" | ", outcomes.Select(outcome => outcome.FirstError))}");
        var differences = end.DifferencesTo(Snapshot.Of(world.Now));
        return differences.Count == 0
            ? (outcomes.Count > 1 ? "begun again, equal bytes" : "continued to equal bytes", null)
            : ("", $"another end: {string.Join(", ", differences.Take(5))}");
    }

    private static string Note(Outcome outcome) =>
        outcome.Errors.Split('\n').FirstOrDefault(line => line.StartsWith("note", StringComparison.Ordinal)) ?? "";
}
