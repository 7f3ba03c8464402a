namespace Flixstock.Engine;

/// <summary>Number of annotations of a class.</summary>
/// <param name="Name">Name of the class.</param>
/// <param name="Positives">Pictures in which it is known to be present.</param>
/// <param name="Negatives">Pictures in which it is known to be absent.</param>
/// <param name="Unknown">Number of the other pictures.</param>
public sealed record ClassFrequency(string Name, int Positives, int Negatives, int Unknown)
{
    /// <summary>Share of positives among all pictures, with un-annotated labels taken as negatives; 0 to 1.</summary>
    public double AmongAll => (double)Positives / Math.Max(1, Positives + Negatives + Unknown);

    /// <summary>Share of positives among annotated pictures, 0 to 1; 0 if there are none.</summary>
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
        return [.. dataset.Attributes.ClassNames.Select(
            (name, k) => new ClassFrequency(name, counts[k, 2], counts[k, 1], counts[k, 0]))];
    }
}
