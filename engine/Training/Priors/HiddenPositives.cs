namespace Flixstock.Engine;

/// <summary>
/// How many un-annotated labels of a picture are positive, by the prior: what mode selective should leave out of the
/// likeliest ones (<see cref="TrainerOptions.TopKFromPrior"/>).
/// </summary>
/// <param name="Expected">Positives to be expected in a picture: the sum of the prior.</param>
/// <param name="Annotated">Positives of a picture that are annotated, of the classes that have a prior.</param>
/// <param name="Hidden">
/// What is left, summed over the classes of which more are expected than annotated: at most the labels that are
/// unknown, and one of an attribute whose classes exclude each other.
/// </param>
internal readonly record struct HiddenPositives(double Expected, double Annotated, double Hidden)
{
    /// <summary>The number of labels per picture to leave out: the nearest whole number.</summary>
    public int TopK => (int)Math.Round(Hidden, MidpointRounding.AwayFromZero);

    /// <summary>Counts.</summary>
    /// <param name="prior">[classes] how often each class occurs, 0 to 1; NaN where that is not known.</param>
    /// <param name="training">The training pictures, at least one.</param>
    public static HiddenPositives Of(IReadOnlyList<float> prior, ImageDataset training)
    {
        var classes = ClassFrequencies.Of(training);
        double Share(double count) => count / training.Samples.Count;
        var (expected, annotated, hidden) = (0.0, 0.0, 0.0);
        for (var group = 0; group < training.Attributes.Groups.Count; group++)
        {
            var (own, first) = (training.Attributes.Groups[group], training.Attributes.Offset(group));
            var (ofGroup, unknown) = (0.0, 0.0);
            for (var k = first; k < first + own.Classes; k++)
            {
                if (float.IsNaN(prior[k]))
                    continue;
                var positive = Share(classes[k].Positives);
                expected += prior[k];
                annotated += positive;
                // what is known cannot be hidden
                ofGroup += Math.Clamp(prior[k] - positive, 0, Share(classes[k].Unknown));
                unknown = Math.Max(unknown, Share(classes[k].Unknown));
            }

            // of an attribute whose classes exclude each other one is hidden at most
            hidden += own.Independent ? ofGroup : Math.Min(ofGroup, unknown);
        }

        return new HiddenPositives(expected, annotated, hidden);
    }

    /// <summary>Options with the number that follows from the prior, and a line that says it.</summary>
    /// <param name="options">The options.</param>
    /// <param name="prior">[classes]; null: there is none.</param>
    /// <param name="training">The training pictures, with the labels that are learnt from.</param>
    /// <returns>The same options and no line, unless they ask for it.</returns>
    /// <exception cref="InputException">They ask for it, and there is no prior.</exception>
    public static (TrainerOptions Options, Wording? Note) Resolve(
        TrainerOptions options, IReadOnlyList<float>? prior, ImageDataset training)
    {
        if (!options.TopKFromPrior || options.Loss.Mode != PartialLossMode.Selective)
            return (options, null);
        if (prior is null)
            throw Missing();
        var counted = Of(prior, training);
        Wording note = $"{Term.TopKFromPrior}: of each picture this many likely labels are left out: {counted.TopK}; "
            + $"the prior expects {counted.Expected:0.00} positives, {counted.Annotated:0.00} are annotated";
        return (options with { Loss = options.Loss with { LikelihoodTopK = counted.TopK } }, note);
    }

    /// <summary>What is wrong where there is no prior to take the number from.</summary>
    public static InputException Missing() => new(
        $"{Term.TopKFromPrior}: there is no prior to take the number from; give {Term.TwoStagePlan}, "
            + $"{Term.PriorPath}, or a number");
}
