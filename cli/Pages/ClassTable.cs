using System.Text;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// Predictions of independent classes next to the annotations, as a CSV: class names separated by semicolons.
/// </summary>
internal static class ClassTable
{
    public static string Format(ImageDataset dataset, IReadOnlyList<Prediction> predictions)
    {
        var text = new StringBuilder("filename,there,not_there,predicted\n");
        for (var i = 0; i < predictions.Count; i++)
        {
            var sample = dataset.Samples[i];
            var known = sample.Labels.Known()
                .ToLookup(entry => entry.Label, entry => dataset.Attributes.ClassNames[entry.Class]);
            text.AppendJoin(
                ',',
                new[] { sample.File, Names(known[1]), Names(known[0]), Names(predictions[i].Labels.Select(
                    label => dataset.Attributes.ClassNames[label.ClassIndex])) }.Select(CsvCell.Of)).Append('\n');
        }
        return text.ToString();
    }

    private static string Names(IEnumerable<string> names) => string.Join("; ", names);
}
