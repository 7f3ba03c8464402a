namespace Flixstock.Engine;

/// <summary>The likeliest class of one attribute.</summary>
/// <param name="Attribute">As "Neck".</param>
/// <param name="Label">Name of the class, as "Neck 3".</param>
/// <param name="ClassIndex">Number of the class within its attribute.</param>
/// <param name="Confidence">Its probability, 0 to 1; classes of an attribute are judged one by one, so they do not add up to 1.</param>
public sealed record PredictedLabel(string Attribute, string Label, int ClassIndex, float Confidence);

/// <summary>What a <see cref="Predictor"/> says about one picture.</summary>
/// <param name="Probabilities">Of every class, in the order of <see cref="AttributeTable.ClassNames"/>.</param>
/// <param name="Labels">The likeliest class of each attribute; of independent classes those with a probability above 0.5, the likeliest first.</param>
public sealed record Prediction(float[] Probabilities, IReadOnlyList<PredictedLabel> Labels)
{
    private const float IndependentThreshold = 0.5f;

    /// <summary>Probabilities and labels from scores.</summary>
    internal static Prediction From(ReadOnlySpan<float> logits, AttributeTable attributes)
    {
        var probabilities = new float[logits.Length];
        for (var i = 0; i < logits.Length; i++)
            probabilities[i] = (float)(1 / (1 + Math.Exp(-(double)logits[i])));
        var labels = attributes.Independent ? There(probabilities, attributes) : Likeliest(logits, probabilities, attributes);
        return new Prediction(probabilities, labels);
    }

    private static PredictedLabel[] Likeliest(ReadOnlySpan<float> logits, float[] probabilities, AttributeTable attributes)
    {
        var labels = new PredictedLabel[attributes.Groups.Count];
        for (var group = 0; group < labels.Length; group++)
        {
            var (offset, count) = (attributes.Offset(group), attributes.Groups[group].Classes);
            var best = 0;
            for (var i = 1; i < count; i++) // by logit: probabilities near 1 round to the same number
                best = logits[offset + i] > logits[offset + best] ? i : best;
            labels[group] = new PredictedLabel(attributes.Groups[group].Name, attributes.ClassNames[offset + best], best, probabilities[offset + best]);
        }
        return labels;
    }

    private static PredictedLabel[] There(float[] probabilities, AttributeTable attributes) =>
    [
        .. Enumerable.Range(0, probabilities.Length).Where(k => probabilities[k] > IndependentThreshold).OrderByDescending(k => probabilities[k])
            .Select(k => new PredictedLabel(attributes.Groups[0].Name, attributes.ClassNames[k], k, probabilities[k])),
    ];
}
