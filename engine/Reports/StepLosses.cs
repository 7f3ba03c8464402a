namespace Flixstock.Engine;

/// <summary>
/// steps.csv, which a run may have: a row for every step, or every n-th of a long run. There may be more than a chart
/// has pixels, so as many as are needed become one.
/// </summary>
internal static class StepLosses
{
    private const int Most = 600;

    private static readonly string[] Columns = ["step", "epoch", "loss", "learning_rate"];

    /// <summary>Reads the file of a run.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <returns>At most 600 means; empty if there is no such file.</returns>
    /// <exception cref="InputException">It was changed so that it cannot be read.</exception>
    public static IReadOnlyList<StepLoss> Read(string folder)
    {
        var path = TrainingRun.At(folder).StepsFile;
        return File.Exists(path) ? Thinned(Rows(path)) : [];
    }

    private static List<StepLoss> Rows(string path)
    {
        using var table = CsvTable.Open(path, ["step"], growing: true);
        var places = table.Headings.FindAll(Columns, column => new InputException(
            $"{path}: not a table of steps: the column '{column}' is missing; remove the file to do without it"));
        var perLabel = table.Headings.Find("loss_per_label");
        var rows = new List<StepLoss>();
        while (table.Read())
        {
            rows.Add(new StepLoss(
                table.Integer(places[0]), table.Integer(places[1]), table.Number(places[2], orNaN: true),
                table.Number(places[3], orNaN: true))
            {
                PerLabel = perLabel < 0 ? double.NaN : table.Number(perLabel, orNaN: true),
            });
        }
        return rows;
    }

    private static IReadOnlyList<StepLoss> Thinned(List<StepLoss> rows)
    {
        var together = (rows.Count + Most - 1) / Most;
        return together <= 1
            ? rows
            : [.. rows.Chunk(together).Select(Mean)];
    }

    private static StepLoss Mean(StepLoss[] steps) => steps[^1] with
    {
        Loss = steps.Average(row => row.Loss),
        PerLabel = steps.Average(row => row.PerLabel),
    };
}
