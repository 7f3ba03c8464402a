namespace Flixstock.Engine;

/// <summary>A picture with what its label says and what the model says.</summary>
/// <param name="Sample">Index of the picture.</param>
/// <param name="Label">The label: a class of the attribute, or of a class on its own <c>yes</c> or <c>no</c>; empty if
/// it is unknown.</param>
/// <param name="Class">The class that the model speaks of.</param>
/// <param name="Probability">The probability that the model gives that class, 0 to 1.</param>
/// <param name="Margin">How far the model is from another answer, 0 to 1.</param>
internal sealed record PictureAnswer(int Sample, string Label, string Class, float Probability, float Margin);

/// <summary>
/// The pictures that a model takes for something else than their label, and those that it cannot decide. An exclusive
/// attribute is one answer, and its margin the lead of the likeliest class; a class on its own is one answer, and its
/// margin the distance of its probability from the threshold.
/// </summary>
internal static class HardPictures
{
    /// <summary>Answers that contradict a known label, the surest first; unknown labels contradict nothing.</summary>
    /// <param name="probabilities">[N, classes], 0 to 1.</param>
    /// <param name="dataset">The pictures and their labels.</param>
    /// <param name="thresholds">[classes] a probability above it is a prediction of an independent class.</param>
    /// <param name="most">Largest number of answers that are returned.</param>
    /// <param name="cancellation">Stops between pictures.</param>
    /// <returns>The answers, and how many there are in all.</returns>
    public static (IReadOnlyList<PictureAnswer> Shown, int Count) Wrong(
        float[] probabilities, ImageDataset dataset, IReadOnlyList<float> thresholds, int most,
        CancellationToken cancellation = default)
    {
        var wrong = Answers(probabilities, dataset, thresholds, cancellation).Where(answer => answer.Wrong)
            .Select(answer => answer.Answer).ToList();
        return ([.. wrong.OrderByDescending(answer => answer.Margin).Take(most)], wrong.Count);
    }

    /// <summary>Answers that the model could as well have given otherwise, the least certain first; labels do not
    /// matter.</summary>
    /// <inheritdoc cref="Wrong" path="/param"/>
    public static IReadOnlyList<PictureAnswer> LeastCertain(
        float[] probabilities, ImageDataset dataset, IReadOnlyList<float> thresholds, int most,
        CancellationToken cancellation = default) =>
        [.. Answers(probabilities, dataset, thresholds, cancellation).Select(answer => answer.Answer)
            .OrderBy(answer => answer.Margin).Take(most)];

    private static IEnumerable<(PictureAnswer Answer, bool Wrong)> Answers(
        float[] probabilities, ImageDataset dataset, IReadOnlyList<float> thresholds, CancellationToken cancellation)
    {
        var table = dataset.Attributes;
        var labels = new sbyte[table.ClassCount];
        for (var i = 0; i < dataset.Samples.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            dataset.Samples[i].Labels.CopyTo(labels);
            for (var group = 0; group < table.Groups.Count; group++)
            {
                if (!table.Groups[group].Independent)
                {
                    yield return OfAttribute(i, table, group, probabilities, labels);
                    continue;
                }
                for (var k = 0; k < table.ClassCount; k++)
                    yield return OfClass(i, table, k, probabilities[(i * table.ClassCount) + k], labels[k], thresholds);
            }
        }
    }

    private static (PictureAnswer Answer, bool Wrong) OfAttribute(
        int sample, AttributeTable table, int group, float[] probabilities, sbyte[] labels)
    {
        var (offset, classes) = (table.Offset(group), table.Groups[group].Classes);
        var own = probabilities.AsSpan((sample * table.ClassCount) + offset, classes);
        var (best, second) = (0, float.NegativeInfinity);
        for (var k = 1; k < classes; k++)
        {
            second = Math.Max(second, Math.Min(own[k], own[best]));
            best = own[k] > own[best] ? k : best;
        }
        var truth = table.ClassOf(labels, group);
        var label = truth < 0 ? "" : table.ClassNames[offset + truth];
        var answer = new PictureAnswer(sample, label, table.ClassNames[offset + best], own[best], own[best] - second);
        return (answer, truth >= 0 && truth != best);
    }

    private static (PictureAnswer Answer, bool Wrong) OfClass(
        int sample, AttributeTable table, int index, float probability, sbyte label, IReadOnlyList<float> thresholds)
    {
        var text = label switch { 1 => "yes", 0 => "no", _ => "" };
        var margin = Math.Abs(probability - thresholds[index]);
        return (
            new PictureAnswer(sample, text, table.ClassNames[index], probability, margin),
            label >= 0 && (label == 1) != probability > thresholds[index]);
    }
}
