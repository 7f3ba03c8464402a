namespace Flixstock.Engine;

/// <summary>
/// The rule by which a loss scale follows the gradients (Micikevicius et al., "Mixed Precision Training", 2018).
/// </summary>
internal static class LossScaleRule
{
    /// <summary>Least scale.</summary>
    public const float Least = 1;

    /// <summary>Greatest scale.</summary>
    public const float Greatest = 1 << 24;

    /// <summary>The scale after one step.</summary>
    public static void Update(
        bool skipped, int interval, float growth, float backoff, ref float scale, ref int goodSteps)
    {
        if (skipped)
            (scale, goodSteps) = (Math.Max(scale * backoff, Least), 0);
        else if (++goodSteps >= interval)
            (scale, goodSteps) = (Math.Min(scale * growth, Greatest), 0);
    }
}
