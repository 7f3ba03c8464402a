using System.Diagnostics;

namespace Flixstock.Engine;

// Labels that the training gives itself between two epochs.
public sealed partial class Trainer
{
    // After the epoch's state was saved: what stops the training before the next one is saved lets it be done again.
    private void GiveLabels(int epoch, CancellationToken cancellation)
    {
        if (_selfLabels is not { } labels || labels.HasEnded(epoch))
            return;
        var watch = Stopwatch.StartNew();
        var scores = labels.ScoredBy(epoch) is { } weights ? ScoreTraining(weights, cancellation) : null;
        labels.EndEpoch(epoch, scores, _run.PseudoLabelsFile);
        var count = labels.Counts[^1];
        if (count.Positive + count.Negative > 0)
        {
            _note = $"{count.Positive} positive and {count.Negative} negative pseudo-labels for {count.Unknown} unknown "
                + $"labels, in {watch.Elapsed.TotalSeconds:0.0} s";
        }
    }

    // [pictures, classes] of the pictures as they are, not changed at random.
    private float[] ScoreTraining(WeightsKind weights, CancellationToken cancellation)
    {
        var state = weights == WeightsKind.Average
            ? _network.PresentState(_step.Adam.Average, _step.Average.BatchesTracked)
            : _network.PresentState(_network.Buffer.Values, _network.BatchesTracked);
        using var folded = FoldedNetwork.FromWithin(_step.Arena, state, _network.Description, _backend);
        using var loader = new BatchLoader(
            _training.Samples, _training.Attributes.ClassCount, Loading(_options) with { Cache = _loader.Cache });
        var scores = NetworkScorer.Logits(folded, loader, _training.Samples.Count, cancellation: cancellation);
        return FiniteWeights.AreFinite(scores) ? scores : throw new EngineException($"{_run.Folder}: the "
            + $"{(weights == WeightsKind.Average ? "averaged weights" : "weights")} give the training pictures scores "
            + $"that are not finite, by which no pseudo-labels can be given; begin again with a lower "
            + $"{Term.LearningRate}");
    }
}
