namespace Flixstock.Engine;

/// <summary>
/// One attribute's share of the grouped loss of one picture. The reference and the CPU kernels add the shares up in
/// their own ways.
/// </summary>
internal static class GroupedSoftmaxTerm
{
    /// <summary>The share, and its gradient.</summary>
    /// <param name="logits">[classes of the attribute]</param>
    /// <param name="labels">[classes of the attribute] 1 positive, 0 negative, -1 unknown.</param>
    /// <param name="smoothing">Label smoothing, of an attribute with a positive; 0: none.</param>
    /// <param name="gradient">[classes of the attribute], overwritten.</param>
    public static double Of(
        ReadOnlySpan<float> logits, ReadOnlySpan<sbyte> labels, float smoothing, Span<float> gradient)
    {
        var chosen = labels.IndexOf((sbyte)1) >= 0 ? (sbyte)1 : (sbyte)-1;
        if (labels.IndexOf(chosen) < 0 || labels.IndexOfAnyExcept((sbyte)-1) < 0)
        {
            gradient.Clear();
            return 0;
        }
        // A class that is only not excluded is not known: nothing of it is spread.
        var spread = chosen == 1 ? (double)smoothing : 0;
        // Each sum has its own largest exponent, so that neither runs over nor to nothing.
        var (highest, highestAllowed) = (double.NegativeInfinity, double.NegativeInfinity);
        for (var k = 0; k < logits.Length; k++)
        {
            highest = Math.Max(highest, logits[k]);
            if (labels[k] == chosen)
                highestAllowed = Math.Max(highestAllowed, logits[k]);
        }
        var (sum, allowed, differences) = (0.0, 0.0, 0.0);
        for (var k = 0; k < logits.Length; k++)
        {
            sum += Math.Exp(logits[k] - highest);
            differences += logits[k] - highestAllowed;
            if (labels[k] == chosen)
                allowed += Math.Exp(logits[k] - highestAllowed);
        }
        for (var k = 0; k < logits.Length; k++)
        {
            var slope = Math.Exp(logits[k] - highest) / sum - spread / logits.Length;
            if (labels[k] == chosen)
                slope -= (1 - spread) * (Math.Exp(logits[k] - highestAllowed) / allowed);
            gradient[k] = (float)slope;
        }
        var share = highest + Math.Log(sum) - highestAllowed - Math.Log(allowed);
        return spread > 0 ? share + spread * (Math.Log(allowed) - differences / logits.Length) : share;
    }
}
