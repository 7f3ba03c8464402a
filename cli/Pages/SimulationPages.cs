using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The effect of a simulation of missing labels, as a table.</summary>
internal static class SimulationPages
{
    private const int MostRows = 40;

    public static void Show(Terminal terminal, SimulatedLabels simulated)
    {
        var attributes = simulated.Dataset.Attributes;
        var commonest = Enumerable.Range(0, simulated.Before.Count)
            .OrderByDescending(k => simulated.Before[k].Positives).ThenBy(k => k).Take(MostRows);
        var rows = commonest.Select(k => TableRow.OfClass(
            attributes, k, $"{simulated.Before[k].Positives}", $"{simulated.After[k].Positives}",
            $"{simulated.Before[k].Negatives}", $"{simulated.After[k].Negatives}", $"{simulated.After[k].Unknown}"));
        terminal.RemarkTable(new TablePage(
            $"Labels hidden deliberately ({simulated.Simulation}, seed {simulated.Simulation.Seed}): "
                + $"{simulated.KnownShare:P1} of the known ones are left" + (simulated.Before.Count > MostRows
                    ? $"; the {MostRows} commonest of {simulated.Before.Count} classes"
                    : ""),
            [
                TableColumn.Name("class"), TableColumn.Number("positives"), TableColumn.Number("left"),
                TableColumn.Number("negatives"), TableColumn.Number("left"), TableColumn.Number("unknown now"),
            ],
            // attribute by attribute, the commonest first
            [.. rows.GroupBy(row => row.Group).SelectMany(group => group)]));
        if (simulated.Note is { } note)
            terminal.Remark($"note: {note}");
    }
}
