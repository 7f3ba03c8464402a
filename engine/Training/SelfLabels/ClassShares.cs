namespace Flixstock.Engine;

/// <summary>How often classes are positive, for pseudo-labels that keep to it.</summary>
internal static class ClassShares
{
    /// <summary>[classes] from 0 to 1; NaN for a class of which it is not known.</summary>
    /// <param name="training">The pictures whose annotations say it, if there is no prior.</param>
    /// <param name="prior">[classes] from a file; null: without.</param>
    /// <exception cref="InputException">The annotations name no negative.</exception>
    public static double[] Of(ImageDataset training, float[]? prior)
    {
        if (prior is not null)
            return Array.ConvertAll(prior, share => (double)share);
        var classes = PartSummary.Of("", training).Classes;
        if (classes.All(one => one.Negative == 0))
        {
            throw new InputException($"{new Term(nameof(TrainerOptions.Cap))} cap: every annotated label is positive, "
                + $"which does not say how often a class occurs; give {Term.PriorPath}");
        }
        // Where only one answer was written down, the other was not looked for.
        return [.. classes.Select(one => one is { Positive: > 0, Negative: > 0 }
            ? (double)one.Positive / (one.Positive + one.Negative)
            : double.NaN)];
    }
}
