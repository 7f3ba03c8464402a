namespace Flixstock.Engine;

/// <summary>The likeliest class of one attribute.</summary>
/// <param name="Attribute">Name of the attribute, such as "Neck".</param>
/// <param name="Label">Name of the class, as "Neck 3".</param>
/// <param name="ClassIndex">Number of the class within its attribute.</param>
/// <param name="Confidence">
/// Its probability, 0 to 1. With the published head classes of an attribute are judged one by one, so they do not add
/// up to 1; with a grouped head they do.
/// </param>
public sealed record PredictedLabel(string Attribute, string Label, int ClassIndex, float Confidence)
{
    /// <summary>True if the probability is above the class's threshold; null if the model has no thresholds.</summary>
    public bool? AboveThreshold { get; init; }

    /// <summary>
    /// The class's threshold, 0 to 1: it counts as present if its probability is above; null if the model has no
    /// thresholds.
    /// </summary>
    public float? Threshold { get; init; }
}

/// <summary>The result of a <see cref="Predictor"/> for one picture.</summary>
/// <param name="Probabilities">The probability of every class, in the order of
/// <see cref="AttributeTable.ClassNames"/>.</param>
/// <param name="Labels">
/// The likeliest class of each attribute; for independent classes, those with a probability above their threshold (0.5
/// if the model has none), the likeliest first.
/// </param>
public sealed record Prediction(float[] Probabilities, IReadOnlyList<PredictedLabel> Labels)
{
    private const float IndependentThreshold = 0.5f;

    /// <summary>
    /// Where the network saw the labels, in their order, of at most <see cref="GradCam.Most"/> of them; null unless the
    /// predictor explains: <see cref="PredictorOptions.Explains"/>.
    /// </summary>
    public IReadOnlyList<ActivationMap>? Maps { get; init; }

    /// <summary>Numbers of the labels' classes among all classes, in the order of <see cref="Labels"/>.</summary>
    internal IEnumerable<int> ClassNumbers(AttributeTable attributes) => Labels.Select(
        (label, i) => attributes.Offset(attributes.Independent ? 0 : i) + label.ClassIndex);

    /// <summary>Probabilities and labels from scores.</summary>
    /// <param name="logits">[classes]</param>
    /// <param name="head">The classes of the scores, and how they become probabilities.</param>
    /// <param name="thresholds">[classes] thresholds, or null.</param>
    internal static Prediction From(ReadOnlySpan<float> logits, ProbabilityHead head, IReadOnlyList<float>? thresholds)
    {
        var probabilities = new float[logits.Length];
        head.Apply(logits, probabilities);
        var labels = head.Attributes.Independent
            ? There(probabilities, head.Attributes, thresholds)
            : Likeliest(logits, probabilities, head.Attributes, thresholds);
        return new Prediction(probabilities, labels);
    }

    private static PredictedLabel[] Likeliest(
        ReadOnlySpan<float> logits, float[] probabilities, AttributeTable attributes, IReadOnlyList<float>? thresholds)
    {
        var labels = new PredictedLabel[attributes.Groups.Count];
        for (var group = 0; group < labels.Length; group++)
        {
            var (offset, count) = (attributes.Offset(group), attributes.Groups[group].Classes);
            var best = 0;
            for (var i = 1; i < count; i++) // by logit: probabilities near 1 round to the same number
                best = logits[offset + i] > logits[offset + best] ? i : best;
            labels[group] = Label(
                attributes.Groups[group], attributes.ClassNames[offset + best], best, probabilities[offset + best],
                thresholds?[offset + best]);
        }
        return labels;
    }

    private static PredictedLabel[] There(
        float[] probabilities, AttributeTable attributes, IReadOnlyList<float>? thresholds) =>
    [
        .. Enumerable.Range(0, probabilities.Length).Where(
            k => probabilities[k] > (thresholds?[k] ?? IndependentThreshold)).OrderByDescending(k => probabilities[k])
            .Select(k => Label(attributes.Groups[0], attributes.ClassNames[k], k, probabilities[k], thresholds?[k])),
    ];

    private static PredictedLabel Label(
        AttributeGroup group, string name, int index, float probability, float? threshold) =>
        new(group.Name, name, index, probability)
        {
            AboveThreshold = threshold is { } least ? probability > least : null,
            Threshold = threshold,
        };
}
