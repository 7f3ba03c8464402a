namespace Flixstock.Engine;

/// <summary>How often a class is annotated.</summary>
/// <param name="Name">The class.</param>
/// <param name="Positives">Pictures where it is known to be there.</param>
/// <param name="Negatives">Pictures where it is known not to be there.</param>
/// <param name="Unknown">The other pictures.</param>
public sealed record ClassFrequency(string Name, int Positives, int Negatives, int Unknown)
{
    /// <summary>Positives among all pictures: what un-annotated labels count as negatives make of it; 0 to 1.</summary>
    public double AmongAll => (double)Positives / Math.Max(1, Positives + Negatives + Unknown);

    /// <summary>Positives among annotated pictures, 0 to 1; 0 where there are none.</summary>
    public double AmongAnnotated => (double)Positives / Math.Max(1, Positives + Negatives);
}

/// <summary>Counts labels.</summary>
internal static class ClassFrequencies
{
    /// <summary>One entry for every class, in the order of the outputs.</summary>
    public static IReadOnlyList<ClassFrequency> Of(ImageDataset dataset, CancellationToken cancellation = default)
    {
        var counts = new int[dataset.Attributes.ClassCount, 3];
        foreach (var sample in dataset.Samples)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var k = 0; k < sample.Labels.Length; k++)
                counts[k, sample.Labels[k] + 1]++;
        }
        return [.. dataset.Attributes.ClassNames.Select((name, k) => new ClassFrequency(name, counts[k, 2], counts[k, 1], counts[k, 0]))];
    }
}
