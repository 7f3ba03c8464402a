namespace Flixstock.Engine;

/// <summary>
/// A range test (Smith, "Cyclical Learning Rates for Training Neural Networks", 2017): steps whose learning rate grows
/// from next to nothing until the loss explodes. Trains a network of its own, which is thrown away.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public static class LearningRateFinder
{
    // The mean over about the last 10 losses; 4 times the lowest is the explosion.
    private const double Kept = 0.9, Explosion = 4;
    private const int LeastSteps = 10;

    /// <summary>Takes the steps.</summary>
    /// <param name="backend">The device to compute on.</param>
    /// <param name="training">Pictures and labels.</param>
    /// <param name="options">Options of the training that a rate is wanted for; its schedule is not used.</param>
    /// <param name="schedule">The learning rates.</param>
    /// <param name="progress">Told the number of steps that were taken.</param>
    /// <param name="cancellation">Ends the test.</param>
    /// <exception cref="InputException">An option or a file does not fit; names it.</exception>
    public static LearningRateRange Find(
        Backend backend, ImageDataset training, TrainerOptions options, ExponentialSchedule schedule,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        options.Validate();
        KnownLabels.RequireSome(training, "training");
        BatchSizes.Require(options, training.Samples.Count);
        ProbabilityHead.Require(options.Objective.Head, training.Attributes);
        var model = options.Model(training.Attributes.ClassCount);
        model.RequirePrecision(backend.Precision);
        using var network = model.Create(backend);
        network.Initialize(options.Seed);
        if (options.InitialWeights is { } weights)
            InitialHead.Load(weights, training.Attributes, network, options.ClassesByPosition);
        var prior = options.PriorPath is { } path
            ? PriorFile.Read(path, training.Attributes, options.ClassesByPosition).Prior
            : null;
        (options, _) = HiddenPositives.Resolve(options, prior, training);
        using var loss = options.Objective.Create(new LossContext(backend, training.Attributes, prior, options.Epochs));
        using var step = new TrainingStep(network, loss, options.Steps(schedule, training.Samples.Count));
        using var loader = new BatchLoader(
            training.Samples, training.Attributes.ClassCount, Trainer.Loading(options, training));
        return Steps(
            step, loader, schedule, Trainer.LabelsOf(training.Attributes, loss.Head), progress, cancellation);
    }

    private static LearningRateRange Steps(
        TrainingStep step, BatchLoader loader, ExponentialSchedule schedule, int labels, IProgress<int>? progress,
        CancellationToken cancellation)
    {
        var points = new List<RangePoint>();
        var (sum, weight, lowest) = (0.0, 0.0, double.MaxValue);
        foreach (var (batch, epoch) in Batches(loader, schedule.TotalSteps, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            var (number, pictures) = (points.Count, batch.Count);
            // A loss that is known a step late is waited for: the next rate may already be too large.
            var loss = step.Run(batch, number + 1, epoch) ?? step.Finish();
            loader.Return(batch);
            if (step.Failure is not null || loss is not { } known || !float.IsFinite(known))
                return new LearningRateRange(points, Diverged: true);
            var perLabel = known / ((double)pictures * labels);
            (sum, weight) = ((Kept * sum) + ((1 - Kept) * perLabel), (Kept * weight) + 1 - Kept);
            points.Add(new RangePoint(schedule.At(number).LearningRate, perLabel, sum / weight));
            lowest = Math.Min(lowest, sum / weight);
            progress?.Report(points.Count);
            if (points.Count > LeastSteps && sum / weight > Explosion * lowest)
                return new LearningRateRange(points, Diverged: true);
        }
        return new LearningRateRange(points, Diverged: false);
    }

    private static IEnumerable<(Batch Batch, int Epoch)> Batches(
        BatchLoader loader, int count, CancellationToken cancellation)
    {
        var given = 0;
        for (var epoch = 1; given < count; epoch++)
        {
            loader.StartEpoch(epoch);
            while (given < count && loader.TryNext(out var batch, cancellation))
            {
                given++;
                yield return (batch, epoch);
            }
        }
    }
}
