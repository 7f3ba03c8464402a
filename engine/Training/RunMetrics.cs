using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>metrics.csv: one row for every epoch.</summary>
public static class RunMetrics
{
    private const string Header = "epoch,step,loss,learning_rate,map,map_average,reference_map,reference_map_average,best,seconds,images_per_second";

    /// <summary>Writes the file.</summary>
    public static void Write(string path, IEnumerable<EpochSummary> epochs)
    {
        var text = new StringBuilder().Append(Header).Append('\n');
        foreach (var epoch in epochs)
            text.Append(Row(epoch)).Append('\n');
        Files.WriteAtomically(path, text.ToString());
    }

    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    /// <exception cref="InputException">It is missing or was changed so that it cannot be read.</exception>
    public static IReadOnlyList<EpochSummary> Read(string path)
    {
        using var table = CsvTable.Open(path, ["epoch"]);
        var columns = Header.Split(',');
        var places = table.Headings.FindAll(columns, column => new InputException($"{path}: not a table of metrics: the column '{column}' is missing; the first line must be {Header}"));
        var epochs = new List<EpochSummary>();
        while (table.Read())
            epochs.Add(Parse(table, places));
        return epochs;
    }

    private static string Row(EpochSummary epoch) => string.Create(CultureInfo.InvariantCulture,
        $"{epoch.Epoch},{epoch.Step},{epoch.Loss:R},{epoch.LearningRate:R},{epoch.MeanAp:R},{epoch.AverageMeanAp:R},{epoch.ReferenceMeanAp:R},{epoch.AverageReferenceMeanAp:R},{(epoch.Best ? 1 : 0)},{epoch.Seconds:F3},{epoch.ImagesPerSecond:F2}");

    private static EpochSummary Parse(CsvTable table, int[] places)
    {
        double Number(int column) => table.Number(places[column], orNaN: true);
        int Integer(int column) => table.Integer(places[column]);
        return new EpochSummary(Integer(0), Integer(1), Number(2), Number(3), Number(4), Number(5), Number(6), Number(7), Integer(8) == 1, Number(9), Number(10));
    }
}
