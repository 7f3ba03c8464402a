namespace Flixstock.Engine;

/// <summary>Compares scores with labels.</summary>
public static class Evaluator
{
    /// <summary>The threshold of the reference project's validation.</summary>
    public const float DefaultThreshold = 0.7f;

    /// <summary>All metrics.</summary>
    /// <param name="scores">[N, classes] probabilities.</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="attributes">The attributes and their classes.</param>
    /// <param name="options">Thresholds and resamples.</param>
    /// <exception cref="InputException">The lengths do not match, or there are no pictures.</exception>
    public static EvaluationReport Evaluate(
        ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, AttributeTable attributes, EvaluationOptions options)
    {
        var classes = attributes.ClassCount;
        if (scores.Length != labels.Length || scores.Length % classes != 0)
        {
            throw new InputException($"{scores.Length} scores and {labels.Length} labels are not the same number of "
                + $"pictures with {classes} classes");
        }
        if (options.Thresholds is { } given && given.Count != classes)
            throw new InputException($"{given.Count} thresholds for {classes} classes; one for each is needed");
        if (scores.IsEmpty)
            throw new InputException("there are no pictures to evaluate");
        var annotated = AveragePrecision.Annotated(scores, labels, classes, options.Cancellation);
        var referenceAp = AveragePrecision.UnknownAsNegative(scores, labels, classes, options.Cancellation);
        var perAttribute = new List<AttributeMetrics>();
        for (var group = 0; group < attributes.Groups.Count; group++)
        {
            if (attributes.Groups[group].Independent)
                continue; // no class is "the" answer there
            perAttribute.Add(AttributeMetrics.Compute(
                attributes.Groups[group].Name, scores, labels, classes, attributes.Offset(group),
                attributes.Groups[group].Classes));
        }
        var at = options.Thresholds is { } thresholds
            ? ThresholdMetrics.Compute(scores, labels, thresholds)
            : ThresholdMetrics.Compute(scores, labels, classes, options.Threshold);
        var (perClass, means) = ClassEvaluation.Compute(
            scores, labels, attributes.ClassNames, at, referenceAp, options);
        return new EvaluationReport(
            scores.Length / classes, attributes.ClassNames, annotated.Map, 100 * referenceAp.Average(), annotated,
            referenceAp,
            at, ReferenceMetrics.Compute(scores, labels, classes, options.Threshold), perAttribute)
        {
            Classes = perClass,
            Means = means,
            Overall = ClassEvaluation.Overall(perClass, scores, labels),
            Resamples = options.Resamples,
        };
    }
}
