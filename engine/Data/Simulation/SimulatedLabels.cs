using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>A data set with simulated hiding of labels, and its original labels.</summary>
/// <param name="Simulation">The simulation that was applied.</param>
/// <param name="Original">The data set with all labels, in the same order.</param>
/// <param name="Dataset">The data set with the labels that are left.</param>
/// <param name="Before">Class frequencies of the original.</param>
/// <param name="After">Class frequencies of what is left.</param>
public sealed record SimulatedLabels(
    PartialSimulation Simulation, ImageDataset Original, ImageDataset Dataset, IReadOnlyList<ClassFrequency> Before,
    IReadOnlyList<ClassFrequency> After)
{
    /// <summary>Names of the files with the frequencies before and after, as a table and as a chart.</summary>
    public const string CsvName = "simulation.csv", ChartName = "simulation.png";

    /// <summary>Share of the labels known before that are known still.</summary>
    public double KnownShare => (double)Known(After) / Math.Max(1, Known(Before));

    /// <summary>
    /// One line about classes that have fewer positives than fpc would leave; null if there are none.
    /// </summary>
    public string? Note
    {
        get
        {
            var small = Simulation.Kind == SimulationKind.Fpc
                ? Before.Where(frequency => frequency.Positives < Simulation.Parameter).ToList()
                : [];
            var named = string.Join(
                ", ", small.Take(5).Select(frequency => $"{frequency.Name} ({frequency.Positives})"));
            return small.Count == 0
                ? null
                : $"{small.Count} of {Before.Count} classes have fewer than {Simulation.Parameter:0} positives and "
                    + $"keep all they have: {named}{(small.Count > 5 ? ", ..." : "")}";
        }
    }

    /// <summary>Writes the frequencies as a table.</summary>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public void WriteCsv(string path)
    {
        var text = new StringBuilder("class,positives_before,negatives_before,unknown_before,frequency_before,"
            + "positives,negatives,unknown,frequency\n");
        foreach (var (before, after) in Before.Zip(After))
            text.Append(CultureInfo.InvariantCulture, $"{CsvCell.Of(before.Name)},{Cells(before)},{Cells(after)}\n");
        Files.WriteAtomically(path, text.ToString());
    }

    /// <summary>Draws the frequencies before and after as PNG, and as SVG next to it.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public void WriteChart(string path) => FrequencyChart.Save(
        path, $"Annotated positives, {Simulation}", [.. Before.Select(frequency => frequency.Name)],
        [
            ("before", [.. Before.Select(frequency => frequency.AmongAll)]),
            ("after", [.. After.Select(frequency => frequency.AmongAll)]),
        ]);

    private static string Cells(ClassFrequency frequency) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{frequency.Positives},{frequency.Negatives},{frequency.Unknown},{frequency.AmongAll:0.######}");

    private static long Known(IEnumerable<ClassFrequency> frequencies) =>
        frequencies.Sum(frequency => (long)frequency.Positives + frequency.Negatives);
}
