namespace Flixstock.Engine;

/// <summary>What a report shows of a model and the pictures that it was validated on.</summary>
internal sealed record RunEvaluation
{
    /// <summary>The pictures and their labels, in the order of the scores.</summary>
    public required ImageDataset Dataset { get; init; }

    /// <summary>[pictures, classes] probabilities as they are used.</summary>
    public required float[] Probabilities { get; init; }

    /// <summary>Pictures are turned as their EXIF orientation says.</summary>
    public bool ExifRotate { get; init; }

    /// <summary>The metrics, with intervals.</summary>
    public required EvaluationReport Report { get; init; }

    /// <summary>[classes] a probability above it is a prediction.</summary>
    public required IReadOnlyList<float> Thresholds { get; init; }

    /// <summary>What was fitted and stored in the model; null: nothing.</summary>
    public ClassCalibration? Calibration { get; init; }

    /// <summary>True: the thresholds are those that were fitted and stored in the model.</summary>
    public bool UsesFittedThresholds => Calibration is { } fitted && fitted.Thresholds.SequenceEqual(Thresholds);

    /// <summary>The labels that were validated on.</summary>
    public required PartLabels Validation { get; init; }

    /// <summary>The labels that were learnt from; null: they cannot be read any more.</summary>
    public PartLabels? Training { get; init; }

    /// <summary>All labels of all classes in one ranking.</summary>
    public required ThresholdCurve Micro { get; init; }

    /// <summary>[classes] the ranking of each class.</summary>
    public required IReadOnlyList<ThresholdCurve> Curves { get; init; }

    /// <summary>The exclusive attributes by their number, and their matrices.</summary>
    public required IReadOnlyList<(int Group, ConfusionMatrix Matrix)> Matrices { get; init; }

    /// <summary>Probabilities without the temperature that was fitted.</summary>
    public required ReliabilityDiagram Before { get; init; }

    /// <summary>Probabilities as they are used.</summary>
    public required ReliabilityDiagram After { get; init; }

    /// <summary>Probabilities as they are used.</summary>
    public required ProbabilityHistogram Histogram { get; init; }

    /// <summary>Pictures to look at.</summary>
    public required PictureChoice Pictures { get; init; }

    /// <summary>The metrics alone.</summary>
    /// <param name="logits">[pictures, classes] scores before they become probabilities.</param>
    /// <param name="dataset">The pictures, their labels in the order of the scores.</param>
    /// <param name="model">The model that gave the scores, its classes named as in the data set.</param>
    /// <param name="measured">How to evaluate.</param>
    public static EvaluationReport Measure(
        float[] logits, ImageDataset dataset, Checkpoint model, EvaluationOptions measured)
    {
        var used = new float[logits.Length];
        model.Probabilities.Apply(logits, used);
        return Evaluator.Evaluate(used, dataset.AllLabels(), dataset.Attributes, measured);
    }

    /// <summary>Computes everything.</summary>
    /// <param name="logits">[pictures, classes] scores before they become probabilities.</param>
    /// <param name="dataset">The pictures, their labels in the order of the scores.</param>
    /// <param name="model">The model that gave the scores, its classes named as in the data set.</param>
    /// <param name="options">How much is shown, and how sure a suspicious label is.</param>
    /// <param name="measured">How to evaluate; null: with the model's thresholds and the options' resamples.</param>
    /// <param name="training">The labels that were learnt from; null: unknown.</param>
    /// <param name="cancellation">Stops in the middle.</param>
    public static RunEvaluation Of(
        float[] logits, ImageDataset dataset, Checkpoint model, ReportOptions options,
        EvaluationOptions? measured = null, PartLabels? training = null, CancellationToken cancellation = default)
    {
        var (attributes, labels) = (dataset.Attributes, dataset.AllLabels());
        var (plain, used) = (new float[logits.Length], new float[logits.Length]);
        model.With(null).Probabilities.Apply(logits, plain);
        model.Probabilities.Apply(logits, used);
        measured ??= new EvaluationOptions
        {
            Thresholds = model.Calibration?.Thresholds,
            Resamples = options.Resamples,
        };
        var thresholds = measured.Thresholds
            ?? [.. Enumerable.Repeat(measured.Threshold, attributes.ClassCount)];
        var report = Evaluator.Evaluate(used, labels, attributes, measured with { Cancellation = cancellation });
        return new RunEvaluation
        {
            Dataset = dataset,
            Probabilities = used,
            ExifRotate = model.Preparation.ExifRotate,
            Report = report,
            Thresholds = thresholds,
            Calibration = model.Calibration,
            Validation = PartLabels.Of(dataset),
            Training = training,
            Micro = ThresholdCurve.OfAll(used, labels),
            Curves =
            [
                .. Enumerable.Range(0, attributes.ClassCount)
                    .Select(k => ThresholdCurve.OfClass(used, labels, attributes.ClassCount, k)),
            ],
            Matrices = [.. MatricesOf(used, labels, attributes)],
            Before = ReliabilityDiagram.Of(plain, labels),
            After = ReliabilityDiagram.Of(used, labels),
            Histogram = ProbabilityHistogram.Of(used, labels),
            Pictures = PictureChoice.Of(
                used, dataset, thresholds, options.Confidence, options.Pictures, cancellation),
        };
    }

    private static IEnumerable<(int Group, ConfusionMatrix Matrix)> MatricesOf(
        float[] probabilities, sbyte[] labels, AttributeTable attributes) =>
        Enumerable.Range(0, attributes.Groups.Count).Where(group => !attributes.Groups[group].Independent).Select(
            group => (group, ConfusionMatrix.Compute(
                probabilities, labels, attributes.ClassCount, attributes.Offset(group),
                attributes.Groups[group].Classes)));
}
