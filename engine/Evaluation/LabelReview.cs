using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>Why a label should be checked.</summary>
internal enum ReviewKind
{
    /// <summary>The model is sure of something else than the label says.</summary>
    Disagree,
    /// <summary>The model is sure of an unlabelled class.</summary>
    Unknown,
}

/// <summary>A label to check.</summary>
/// <param name="Sample">Index of the picture.</param>
/// <param name="File">File name of the picture.</param>
/// <param name="Class">The class that the model is sure about.</param>
/// <param name="Label">The label in the data set: the labelled class of an attribute, 1 or 0 of an independent class;
/// empty if unknown.</param>
/// <param name="Probability">Probability of the class, 0 to 1.</param>
/// <param name="Kind">Why the label should be checked.</param>
internal sealed record ReviewItem(
    int Sample, string File, string Class, string Label, float Probability, ReviewKind Kind)
{
    /// <summary>Number of the class among all classes.</summary>
    public required int Number { get; init; }

    /// <summary>How sure the model is: the probability, or 1 minus it if the class is labelled but not seen.</summary>
    public float Confidence { get; init; } = Probability;
}

/// <summary>Finds labels that are probably wrong or missing: those that a model is sure to contradict.</summary>
internal static class LabelReview
{
    /// <summary>The first row of the list as CSV.</summary>
    public const string Heading = "file,class,label,probability,kind";

    /// <summary>The labels to check: those that disagree, then unknown ones, each most confident first.</summary>
    /// <param name="probabilities">[N, classes]</param>
    /// <param name="dataset">The pictures and their labels.</param>
    /// <param name="confidence">Least confidence of the model, 0.5 to 1.</param>
    /// <param name="cancellation">Stops between pictures.</param>
    public static IReadOnlyList<ReviewItem> Find(
        ReadOnlySpan<float> probabilities, ImageDataset dataset, float confidence,
        CancellationToken cancellation = default)
    {
        var found = new List<ReviewItem>();
        var (attributes, all) = (dataset.Attributes, dataset.AllLabels());
        for (var i = 0; i < dataset.Samples.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var own = probabilities.Slice(i * attributes.ClassCount, attributes.ClassCount);
            var labels = all.AsSpan(i * attributes.ClassCount, attributes.ClassCount);
            for (var group = 0; group < attributes.Groups.Count; group++)
            {
                var item = attributes.Groups[group].Independent
                    ? null
                    : OfAttribute(i, dataset, group, own, labels, confidence);
                if (item is not null)
                    found.Add(item);
            }
            if (attributes.Independent)
                AddClasses(found, i, dataset, own, labels, confidence);
        }
        // Stable sorts. The many sure answers where nothing is known would bury the few labels that may be wrong.
        return [.. found.OrderBy(item => item.Kind).ThenByDescending(item => item.Confidence)];
    }

    /// <summary>The items as CSV: file, class, label, probability, kind.</summary>
    public static string ToCsv(IEnumerable<ReviewItem> items)
    {
        var text = new StringBuilder(Heading).Append('\n');
        foreach (var item in items)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{CsvCell.Of(item.File)},{CsvCell.Of(item.Class)},{CsvCell.Of(item.Label)},").Append(
                    CultureInfo.InvariantCulture,
                    $"{item.Probability:0.0000},{item.Kind.ToString().ToLowerInvariant()}\n");
        }
        return text.ToString();
    }

    private static ReviewItem? OfAttribute(
        int sample, ImageDataset dataset, int group, ReadOnlySpan<float> probabilities, ReadOnlySpan<sbyte> labels,
        float confidence)
    {
        var (attributes, file) = (dataset.Attributes, dataset.Samples[sample].File);
        var offset = attributes.Offset(group);
        var best = offset;
        for (var k = offset + 1; k < offset + attributes.Groups[group].Classes; k++)
            best = probabilities[k] > probabilities[best] ? k : best;
        if (!(probabilities[best] >= confidence) || labels[best] == 1)
            return null;
        var truth = attributes.ClassOf(labels, group);
        var label = truth >= 0 ? attributes.ClassNames[offset + truth] : labels[best] == 0 ? "0" : "";
        return new ReviewItem(
            sample, file, attributes.ClassNames[best], label, probabilities[best],
            label.Length > 0 ? ReviewKind.Disagree : ReviewKind.Unknown)
        {
            Number = best,
        };
    }

    private static void AddClasses(
        List<ReviewItem> found, int sample, ImageDataset dataset, ReadOnlySpan<float> probabilities,
        ReadOnlySpan<sbyte> labels, float confidence)
    {
        var file = dataset.Samples[sample].File;
        for (var k = 0; k < probabilities.Length; k++)
        {
            var p = probabilities[k];
            var sure = labels[k] == 1 ? 1 - p : p;
            if (!(sure >= confidence))
                continue;
            found.Add(new ReviewItem(
                sample, file, dataset.Attributes.ClassNames[k], labels[k] < 0 ? "" : $"{labels[k]}", p,
                labels[k] < 0 ? ReviewKind.Unknown : ReviewKind.Disagree)
            {
                Number = k,
                Confidence = sure,
            });
        }
    }
}
