namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    private const float SmallestProbability = 1e-8f;

    public void SelectiveLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor prior, SelectiveLossOptions options, Tensor loss,
        Tensor gradient, Tensor weights)
    {
        var x = logits.Floats();
        var t = labels.Elements<sbyte>();
        var w = SelectiveWeights(x, t, prior.Exists ? prior.Floats() : default, logits.Shape.Channels, options);
        var dx = gradient.Floats();
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            var (term, slope) = SelectiveTerm(x[i], t[i], options);
            sum -= w[i] * term;
            dx[i] = (float)(w[i] * slope);
        }
        loss.Floats()[0] = (float)sum;
        if (weights.Exists)
            w.CopyTo(weights.Floats());
    }

    // alpha * A * log(p or q) and minus its derivative. Probabilities are deliberately singles: near 1 their rounding
    // decides
    // at which point a confidently wrong label stops being learnt from, and published runs were made with singles.
    private static (double Term, double Slope) SelectiveTerm(float x, sbyte label, SelectiveLossOptions options)
    {
        var p = (float)(1 / (1 + Math.Exp(-(double)x)));
        var complement = 1 - p;
        if (label == 1)
        {
            var a = options.AlphaPositive * Math.Pow(complement, options.GammaPositive);
            return (a * Math.Log(Math.Max(p, SmallestProbability)), p >= SmallestProbability ? -a * complement : 0);
        }
        var shifted = complement + options.Clip;
        var q = Math.Min(shifted, 1);
        var (alpha, gamma) = label == 0
            ? (options.AlphaNegative, options.GammaNegative)
            : (options.AlphaUnannotated, options.GammaUnannotated);
        var focus = alpha * Math.Pow(1 - q, gamma);
        var learns = q >= SmallestProbability && shifted <= 1;
        return (focus * Math.Log(Math.Max(q, SmallestProbability)), learns ? focus * p * complement / q : 0);
    }

    private static float[] SelectiveWeights(
        ReadOnlySpan<float> x, ReadOnlySpan<sbyte> labels, ReadOnlySpan<float> prior, int classes,
        SelectiveLossOptions options)
    {
        var weights = new float[x.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            var row = labels.Slice(i / classes * classes, classes);
            weights[i] = options.Mode switch
            {
                PartialLossMode.Ignore => labels[i] < 0 ? 0 : 1,
                PartialLossMode.IgnoreNormalizeClasses =>
                    labels[i] < 0 ? 0 : 1 + 1f / (1 + (row.Length - row.Count((sbyte)-1))),
                PartialLossMode.Selective when options.PriorThreshold != 0 && prior.Length > 0 && labels[i] < 0 =>
                    prior[i % classes] > options.PriorThreshold ? 0 : 1,
                _ => 1,
            };
        }
        if (options.Mode == PartialLossMode.Selective)
        {
            DropMostLikely(
                x, labels, (int)Math.Min((long)options.LikelihoodTopK * (x.Length / classes), x.Length), weights);
        }
        return weights;
    }

    private static void DropMostLikely(ReadOnlySpan<float> x, ReadOnlySpan<sbyte> labels, int count, float[] weights)
    {
        var ranked = new List<(float Logit, int Index)>();
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0)
                ranked.Add((x[i], i));
        }
        foreach (var (_, index) in ranked.OrderByDescending(entry => entry.Logit)
            .ThenBy(entry => entry.Index).Take(count))
        {
            weights[index] = 0;
        }
    }
}
