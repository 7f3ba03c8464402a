using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>metrics.csv: one row for every epoch.</summary>
internal static class RunMetrics
{
    private const string FirstHeader = "epoch,step,loss,learning_rate,map,map_average,reference_map,"
        + "reference_map_average,best,seconds,images_per_second";

    // New columns follow the older ones, so that readers of the first columns still work.
    private const string Later = "validation_loss,validation_loss_average,data_wait,best_by,best_by_average";
    private const string Header = $"{FirstHeader},{Later}";

    // The losses before, divided by the number of their terms.
    private const string PerLabel = "loss_per_label,validation_loss_per_label,validation_loss_average_per_label";

    /// <summary>Writes the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="epochs">The rows.</param>
    /// <param name="labelsPerBatch">See <see cref="TrainingStart.LabelsPerBatch"/>.</param>
    public static void Write(string path, IEnumerable<EpochSummary> epochs, int labelsPerBatch)
    {
        var text = new StringBuilder().Append(Header).Append(',').Append(PerLabel).Append('\n');
        foreach (var epoch in epochs)
        {
            text.Append(Row(epoch)).Append(
                CultureInfo.InvariantCulture,
                $",{epoch.Loss / labelsPerBatch:R},{epoch.ValidationLoss / labelsPerBatch:R},"
                    + $"{epoch.AverageValidationLoss / labelsPerBatch:R}").Append('\n');
        }
        Files.WriteAtomically(path, text.ToString());
    }

    /// <summary>
    /// Reads a file that <see cref="Write"/> wrote, or an earlier version of it: a missing column is NaN.
    /// </summary>
    /// <exception cref="InputException">It is missing or was changed so that it cannot be read.</exception>
    public static IReadOnlyList<EpochSummary> Read(string path)
    {
        using var table = CsvTable.Open(path, ["epoch"]);
        var columns = FirstHeader.Split(',');
        var places = table.Headings.FindAll(columns, column => new InputException(
            $"{path}: not a table of metrics: the column '{column}' is missing; the first line must be {Header}"));
        int[] later = [.. Later.Split(',').Select(table.Headings.Find)];
        var epochs = new List<EpochSummary>();
        while (table.Read())
            epochs.Add(Parse(table, places, later));
        return epochs;
    }

    /// <summary>
    /// The number by which losses were divided, see <see cref="TrainingStart.LabelsPerBatch"/>; NaN if the file is of
    /// an earlier version or has no row.
    /// </summary>
    /// <exception cref="InputException">The file was changed so that it cannot be read.</exception>
    public static double LabelsPerBatch(string path)
    {
        using var table = CsvTable.Open(path, ["epoch"]);
        var (loss, perLabel) = (table.Headings.Find("loss"), table.Headings.Find(PerLabel.Split(',')[0]));
        return loss < 0 || perLabel < 0 || !table.Read()
            ? double.NaN
            : Math.Round(table.Number(loss, orNaN: true) / table.Number(perLabel, orNaN: true));
    }

    /// <summary>The rows without times, which differ from run to run: what a state keeps.</summary>
    internal static string ToText(IEnumerable<EpochSummary> epochs) =>
        string.Join('\n', epochs.Select(epoch => Row(WithoutTimes(epoch))));

    /// <summary>The reverse of <see cref="ToText"/>.</summary>
    /// <exception cref="FormatException">The text is not from there.</exception>
    internal static IReadOnlyList<EpochSummary> FromText(string text)
    {
        static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
        static int Integer(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);
        // States from before best_by have two cells less, from before data_wait three.
        var width = Header.Split(',').Length;
        return
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).Select(
                cells => cells.Length != width && cells.Length != width - 2 && cells.Length != width - 3
                    ? throw new FormatException($"a row of {cells.Length} cells, not {width}")
                    : new EpochSummary(
                        Integer(cells[0]), Integer(cells[1]), Number(cells[2]), Number(cells[3]), Number(cells[4]),
                        Number(cells[5]), Number(cells[6]), Number(cells[7]), Integer(cells[8]) == 1, Number(cells[9]),
                        Number(cells[10]), Number(cells[11]), Number(cells[12]))
                    {
                        Named = cells.Length < width ? double.NaN : Number(cells[^2]),
                        AverageNamed = cells.Length < width ? double.NaN : Number(cells[^1]),
                    }),
        ];
    }

    private static EpochSummary WithoutTimes(EpochSummary epoch) =>
        epoch with { Seconds = double.NaN, ImagesPerSecond = double.NaN, DataWait = double.NaN };

    private static string Row(EpochSummary epoch) => string.Create(CultureInfo.InvariantCulture,
        $"{epoch.Epoch},{epoch.Step},{epoch.Loss:R},{epoch.LearningRate:R},{epoch.MeanAp:R},{epoch.AverageMeanAp:R},"
            + $"{epoch.ReferenceMeanAp:R},{epoch.AverageReferenceMeanAp:R},{(epoch.Best ? 1 : 0)},{epoch.Seconds:F3},"
            + $"{epoch.ImagesPerSecond:F2},{epoch.ValidationLoss:R},{epoch.AverageValidationLoss:R},"
            + $"{epoch.DataWait:0.####},{epoch.Named:R},{epoch.AverageNamed:R}");

    private static EpochSummary Parse(CsvTable table, int[] places, int[] later)
    {
        double Number(int column) => table.Number(places[column], orNaN: true);
        double Optional(int column) => later[column] < 0 ? double.NaN : table.Number(later[column], orNaN: true);
        int Integer(int column) => table.Integer(places[column]);
        return new EpochSummary(
            Integer(0), Integer(1), Number(2), Number(3), Number(4), Number(5), Number(6), Number(7), Integer(8) == 1,
            Number(9), Number(10), Optional(0), Optional(1), Optional(2))
        {
            Named = Optional(3),
            AverageNamed = Optional(4),
        };
    }
}
