namespace Flixstock.Engine;

/// <summary>The labels of one part of a data set, counted.</summary>
/// <param name="Pictures">Number of pictures.</param>
/// <param name="Positives">[classes] labels that are known to be positive.</param>
/// <param name="Negatives">[classes] labels that are known to be negative.</param>
internal sealed record PartLabels(int Pictures, int[] Positives, int[] Negatives)
{
    /// <summary>Counts the labels of a part.</summary>
    public static PartLabels Of(ImageDataset dataset)
    {
        var classes = dataset.Attributes.ClassCount;
        var counts = new PartLabels(dataset.Samples.Count, new int[classes], new int[classes]);
        var labels = new sbyte[classes];
        foreach (var sample in dataset.Samples)
        {
            sample.Labels.CopyTo(labels);
            for (var k = 0; k < classes; k++)
            {
                counts.Positives[k] += labels[k] == 1 ? 1 : 0;
                counts.Negatives[k] += labels[k] == 0 ? 1 : 0;
            }
        }
        return counts;
    }

    /// <summary>Labels of an attribute: known positives, known negatives, and the others.</summary>
    public (long Positives, long Negatives, long Unknown) OfGroup(AttributeTable attributes, int group)
    {
        var own = new Range(attributes.Offset(group), attributes.Offset(group) + attributes.Groups[group].Classes);
        var (there, absent) = (Positives[own].Sum(n => (long)n), Negatives[own].Sum(n => (long)n));
        return (there, absent, ((long)Pictures * attributes.Groups[group].Classes) - there - absent);
    }
}
