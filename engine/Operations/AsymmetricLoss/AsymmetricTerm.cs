namespace Flixstock.Engine;

/// <summary>One label's share of the asymmetric loss. The reference and the CPU kernels add them up in their own ways.</summary>
internal static class AsymmetricTerm
{
    /// <summary>A * (t * log p + (1 - t) * log q) and minus its derivative by the logit.</summary>
    public static (double Term, double Slope) Of(float x, sbyte label, AsymmetricLossOptions options)
    {
        // Singles on purpose, as in the selective loss: their rounding near 1 is part of the published loss.
        var p = (float)(1 / (1 + Math.Exp(-(double)x)));
        var complement = 1 - p;
        var shifted = options.Clip > 0 ? complement + options.Clip : complement;
        var q = Math.Min(shifted, 1);
        double t = label;
        var log = t * Math.Log(Math.Max(p, options.Epsilon)) + (1 - t) * Math.Log(Math.Max(q, options.Epsilon));
        var slopeOfProbability = (double)p * complement;
        var slopeOfLog = 0.0;
        if (p >= options.Epsilon)
            slopeOfLog += t * complement;
        if (q >= options.Epsilon && shifted <= 1)
            slopeOfLog -= (1 - t) * slopeOfProbability / q;
        var gamma = options.GammaPositive * t + options.GammaNegative * (1 - t);
        var distance = 1 - p * t - q * (1 - t);
        var focus = Math.Pow(distance, gamma);
        var slope = focus * slopeOfLog;
        if (!options.FocusIsConstant && gamma != 0)
        {
            var slopeOfDistance = -t * slopeOfProbability + (shifted <= 1 ? (1 - t) * slopeOfProbability : 0);
            slope += gamma * Math.Pow(distance, gamma - 1) * slopeOfDistance * log;
        }
        return (focus * log, -slope);
    }
}
