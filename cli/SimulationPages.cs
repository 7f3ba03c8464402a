using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>What hiding labels did, as a table.</summary>
internal static class SimulationPages
{
    private const int MostRows = 40;

    public static void Show(Terminal terminal, SimulatedLabels simulated)
    {
        var order = Enumerable.Range(0, simulated.Before.Count).OrderByDescending(k => simulated.Before[k].Positives).ThenBy(k => k).Take(MostRows);
        terminal.RemarkTable(TablePage.Of(
            $"Labels hidden on purpose ({simulated.Simulation}, seed {simulated.Simulation.Seed}): {simulated.KnownShare:P1} of the known ones are left"
            + (simulated.Before.Count > MostRows ? $"; the {MostRows} commonest of {simulated.Before.Count} classes" : ""),
            ["class", "positives", "left", "negatives", "left", "unknown now"],
            order.Select(k => new[]
            {
                simulated.Before[k].Name, $"{simulated.Before[k].Positives}", $"{simulated.After[k].Positives}",
                $"{simulated.Before[k].Negatives}", $"{simulated.After[k].Negatives}", $"{simulated.After[k].Unknown}",
            }),
            rightFrom: 1));
        if (simulated.Note is { } note)
            terminal.Remark($"note: {note}");
    }
}
