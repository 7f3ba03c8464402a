namespace Flixstock.Engine;

/// <summary>
/// Fits thresholds and one temperature on annotated pictures; unknown labels count for nothing.
/// <para>
/// Temperature T: the least negative log likelihood of the known labels (Guo et al., "On Calibration of Modern Neural
/// Networks", 2017). It is convex in 1 / T, so that a golden section finds the least one.
/// </para>
/// <para>
/// Thresholds, on calibrated probabilities: t = (n b + m g) / (n + m), where b gives the class's best F1 (Yang, "A
/// Study of Thresholding Strategies for Text Categorization", 2001: SCut), g the best F1 of all classes together, n is
/// the class' known positives and m the shrinkage: this many positives weigh as much as all other classes do (the
/// m-estimate: Cestnik, "Estimating Probabilities: A Crucial Task in Machine Learning", 1990). Best thresholds of rare
/// classes fit noise, which is what shrinking is for.
/// </para>
/// </summary>
public static class CalibrationFit
{
    /// <summary>Positives that weigh as much as all the other classes.</summary>
    public const double DefaultShrinkage = 10;

    private const double LeastInverse = 1.0 / 20, MostInverse = 20;
    private const int LabelsBetweenQuestions = 1 << 20; // whether to stop: some 10 ms

    private const int Sections = 60; // the golden ratio's 60th power: far below a float's last digit

    /// <summary>Fits both.</summary>
    /// <param name="logits">[N, classes] scores before the sigmoid or softmax</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="attributes">The classes of the scores.</param>
    /// <param name="head">How scores become probabilities.</param>
    /// <param name="shrinkage">The shrinkage m above, 0 or more.</param>
    /// <param name="cancellation">Stops in the middle.</param>
    /// <exception cref="InputException">No label is known to be positive, or none to be negative, so that nothing can
    /// be fitted.</exception>
    public static ClassCalibration Fit(
        ReadOnlySpan<float> logits, ReadOnlySpan<sbyte> labels, AttributeTable attributes, HeadKind head,
        double shrinkage = DefaultShrinkage, CancellationToken cancellation = default)
    {
        if (labels.IndexOf((sbyte)1) < 0)
        {
            throw new InputException($"no label is known to be positive: thresholds and temperature need annotated "
                + $"pictures, choose another {Term.Part}");
        }

        if (labels.IndexOf((sbyte)0) < 0)
        {
            throw new InputException($"every known label is positive: thresholds and temperature need labels that are "
                + $"known not to be there too, choose another {Term.Part}");
        }

        var temperature = Temperature(logits, labels, attributes, head, cancellation);
        var probabilities = new float[logits.Length];
        new ProbabilityHead(attributes, head, temperature).Apply(logits, probabilities);
        return new ClassCalibration(
            Thresholds(probabilities, labels, attributes.ClassCount, shrinkage, cancellation), temperature);
    }

    /// <summary>
    /// Mean negative log likelihood of what is known: of every known label, or with <see cref="HeadKind.Grouped"/> of
    /// every known attribute.
    /// </summary>
    /// <param name="logits">[N, classes]</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="attributes">The classes of the scores.</param>
    /// <param name="head">How scores become probabilities.</param>
    /// <param name="temperature">The temperature that scores are divided by.</param>
    /// <param name="cancellation">Stops in the middle.</param>
    /// <returns>The mean; NaN if nothing is known.</returns>
    public static double NegativeLogLikelihood(
        ReadOnlySpan<float> logits, ReadOnlySpan<sbyte> labels, AttributeTable attributes, HeadKind head,
        double temperature, CancellationToken cancellation = default) =>
        head == HeadKind.Sigmoid
            ? OfLabels(logits, labels, 1 / temperature, cancellation)
            : OfAttributes(logits, labels, attributes, 1 / temperature, cancellation);

    private static double Temperature(
        ReadOnlySpan<float> logits, ReadOnlySpan<sbyte> labels, AttributeTable attributes, HeadKind head,
        CancellationToken cancellation)
    {
        var ratio = (Math.Sqrt(5) - 1) / 2;
        var (low, high) = (LeastInverse, MostInverse);
        var (left, right) = (high - (ratio * (high - low)), low + (ratio * (high - low)));
        var atLeft = NegativeLogLikelihood(logits, labels, attributes, head, 1 / left, cancellation);
        var atRight = NegativeLogLikelihood(logits, labels, attributes, head, 1 / right, cancellation);
        for (var i = 0; i < Sections; i++)
        {
            if (atLeft <= atRight)
            {
                (high, right, atRight) = (right, left, atLeft);
                left = high - (ratio * (high - low));
                atLeft = NegativeLogLikelihood(logits, labels, attributes, head, 1 / left, cancellation);
            }
            else
            {
                (low, left, atLeft) = (left, right, atRight);
                right = low + (ratio * (high - low));
                atRight = NegativeLogLikelihood(logits, labels, attributes, head, 1 / right, cancellation);
            }
        }
        return 2 / (low + high);
    }

    private static double OfLabels(
        ReadOnlySpan<float> logits, ReadOnlySpan<sbyte> labels, double inverse, CancellationToken cancellation)
    {
        var (sum, known) = (0.0, 0);
        for (var i = 0; i < labels.Length; i++)
        {
            if (i % LabelsBetweenQuestions == 0)
                cancellation.ThrowIfCancellationRequested();
            if (labels[i] < 0)
                continue;
            var score = labels[i] == 1 ? -logits[i] * inverse : logits[i] * inverse;
            sum += Math.Max(score, 0) + Math.Log(1 + Math.Exp(-Math.Abs(score)));
            known++;
        }
        return known == 0 ? double.NaN : sum / known;
    }

    private static double OfAttributes(
        ReadOnlySpan<float> logits, ReadOnlySpan<sbyte> labels, AttributeTable attributes, double inverse,
        CancellationToken cancellation)
    {
        var (sum, known) = (0.0, 0);
        for (var row = 0; row < labels.Length; row += attributes.ClassCount)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var group = 0; group < attributes.Groups.Count; group++)
            {
                var (first, classes) = (row + attributes.Offset(group), attributes.Groups[group].Classes);
                var truth = labels.Slice(first, classes).IndexOf((sbyte)1);
                if (truth < 0)
                    continue;
                var own = logits.Slice(first, classes);
                var total = 0.0;
                foreach (var logit in own)
                    total += Math.Exp((logit - own[truth]) * inverse);
                sum += Math.Log(total);
                known++;
            }
        }
        return known == 0 ? double.NaN : sum / known;
    }

    private static float[] Thresholds(
        float[] probabilities, ReadOnlySpan<sbyte> labels, int classes, double shrinkage,
        CancellationToken cancellation)
    {
        var global = Best(probabilities, labels, first: 0, step: 1, preferred: 0.5).Threshold;
        var thresholds = new float[classes];
        for (var k = 0; k < classes; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (own, positives, negatives) = Best(probabilities, labels, k, classes, global);
            thresholds[k] = (float)(positives == 0 || negatives == 0
                ? global
                : ((positives * own) + (shrinkage * global)) / (positives + shrinkage));
        }
        return thresholds;
    }

    // The threshold with the best F1, in the middle between two scores; of equally good ones the nearest to the
    // preferred one.
    private static (double Threshold, int Positives, int Negatives) Best(
        float[] probabilities, ReadOnlySpan<sbyte> labels, int first, int step, double preferred)
    {
        var known = new List<(float Score, bool There)>();
        for (var i = first; i < labels.Length; i += step)
        {
            if (labels[i] >= 0)
                known.Add((probabilities[i], labels[i] == 1));
        }
        known.Sort((a, b) => b.Score.CompareTo(a.Score));
        var positives = known.Count(label => label.There);
        var (best, threshold, found) = (-1.0, preferred, 0);
        for (var i = 0; i < known.Count && positives > 0; i++)
        {
            found += known[i].There ? 1 : 0;
            var next = i + 1 < known.Count ? known[i + 1].Score : 0;
            if (i + 1 < known.Count && next == known[i].Score)
                continue;
            var f1 = 2.0 * found / (i + 1 + positives);
            var between = ((double)known[i].Score + next) / 2;
            if (f1 > best || (f1 == best && Math.Abs(between - preferred) < Math.Abs(threshold - preferred)))
                (best, threshold) = (f1, between);
        }
        return (threshold, positives, known.Count - positives);
    }
}
