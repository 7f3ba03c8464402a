namespace Flixstock.Engine;

/// <summary>The means of some steps that follow each other.</summary>
/// <param name="Step">Number of the last of them, from 1.</param>
/// <param name="Epoch">The epoch that the last of them belongs to, from 1.</param>
/// <param name="Loss">Mean loss of a step.</param>
/// <param name="LearningRate">Learning rate of the last of them.</param>
internal readonly record struct StepLoss(int Step, int Epoch, double Loss, double LearningRate);

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
        using var table = CsvTable.Open(path, ["step"]);
        var places = table.Headings.FindAll(Columns, column => new InputException(
            $"{path}: not a table of steps: the column '{column}' is missing; remove the file to do without it"));
        var rows = new List<StepLoss>();
        while (table.Read())
        {
            rows.Add(new StepLoss(
                table.Integer(places[0]), table.Integer(places[1]), table.Number(places[2], orNaN: true),
                table.Number(places[3], orNaN: true)));
        }
        return rows;
    }

    private static IReadOnlyList<StepLoss> Thinned(List<StepLoss> rows)
    {
        var together = (rows.Count + Most - 1) / Most;
        return together <= 1
            ? rows
            : [.. rows.Chunk(together).Select(chunk => chunk[^1] with { Loss = chunk.Average(row => row.Loss) })];
    }
}
