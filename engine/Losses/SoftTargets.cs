namespace Flixstock.Engine;

/// <summary>Labels in the form of a loss with soft targets.</summary>
internal static class SoftTargets
{
    /// <summary>1, 0 and -1 for positive, negative and unknown.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="targets">As many targets or more; the first are overwritten.</param>
    /// <returns>The targets that were written.</returns>
    public static ReadOnlySpan<float> From(ReadOnlySpan<sbyte> labels, Span<float> targets)
    {
        for (var i = 0; i < labels.Length; i++)
            targets[i] = labels[i];
        return targets[..labels.Length];
    }
}
