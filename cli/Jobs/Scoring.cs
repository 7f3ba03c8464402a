using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The scores of a model for a data set.</summary>
/// <param name="Values">[pictures, classes] in the data set's order.</param>
/// <param name="Dataset">The pictures that could be read.</param>
internal sealed record Scores(float[] Values, ImageDataset Dataset);

/// <summary>Scores of a whole data set.</summary>
internal static class Scoring
{
    /// <returns>The probabilities.</returns>
    public static Scores Run(
        Session session, Backend backend, Checkpoint checkpoint, ImageDataset dataset, BatchLoaderOptions options)
    {
        var scores = Logits(session, backend, checkpoint, dataset, options);
        checkpoint.Probabilities.Apply(scores.Values, scores.Values);
        return scores;
    }

    /// <returns>Scores before they become probabilities.</returns>
    public static Scores Logits(
        Session session, Backend backend, Checkpoint checkpoint, ImageDataset dataset, BatchLoaderOptions options)
    {
        checkpoint.Model.ImageSizes.Require(options.ImageSize, options.ImageSize);
        using var folded = checkpoint.Fold(backend);
        using var loader = new BatchLoader(dataset.Samples, dataset.Attributes.ClassCount, options);
        var (speed, count) = (new ProgressSpeed(), dataset.Samples.Count);
        var progress = new ProgressReport<int>(done =>
            session.Terminal.Progress(
                (double)done / Math.Max(1, count),
                () => speed.Text("", done, count, "images/s", $"scoring {done} of {count} pictures")));
        var logits = NetworkScorer.Logits(folded, loader, count, progress, session.Cancellation);
        session.Terminal.EndLine();
        if (!Array.TrueForAll(logits, float.IsFinite))
        {
            throw new EngineException($"{checkpoint.Path}: the network's scores are not finite: its weights are too "
                + $"large to compute with; give other weights");
        }
        return options.Bad is { Found.Count: > 0 } bad
            ? WithoutBad(session, dataset, logits, bad.Found)
            : new Scores(logits, dataset);
    }

    private static Scores WithoutBad(
        Session session, ImageDataset dataset, float[] logits, IReadOnlyDictionary<int, BadPicture> bad)
    {
        if (bad.Count == dataset.Samples.Count)
        {
            throw new InputException(
                $"none of the {bad.Count} pictures can be read: {BadPicture.Describe([.. bad.Values])}");
        }
        var classes = dataset.Attributes.ClassCount;
        var kept = new List<float>(logits.Length);
        for (var i = 0; i < dataset.Samples.Count; i++)
        {
            if (!bad.ContainsKey(i))
                kept.AddRange(logits.AsSpan(i * classes, classes));
        }
        SkipBad.Tell(session, [.. bad.Values]);
        return new Scores([.. kept], dataset.Without(bad));
    }
}
