using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Scores of a whole data set.</summary>
internal static class Scoring
{
    /// <returns>[pictures, classes] probabilities in the data set's order.</returns>
    public static float[] Run(Session session, Backend backend, Checkpoint checkpoint, ImageDataset dataset, BatchLoaderOptions options)
    {
        var scores = Logits(session, backend, checkpoint, dataset, options);
        checkpoint.Probabilities.Apply(scores, scores);
        return scores;
    }

    /// <returns>[pictures, classes] scores before they become probabilities, in the data set's order.</returns>
    public static float[] Logits(Session session, Backend backend, Checkpoint checkpoint, ImageDataset dataset, BatchLoaderOptions options)
    {
        using var network = checkpoint.CreateNetwork(backend);
        network.RequireImageSize(options.ImageSize, options.ImageSize);
        using var folded = new FoldedNetwork(network);
        using var loader = new BatchLoader(dataset.Samples, dataset.Attributes.ClassCount, options);
        var (speed, count) = (new ProgressSpeed(), dataset.Samples.Count);
        var progress = new ProgressReport<int>(done =>
            session.Terminal.Progress((double)done / Math.Max(1, count), () => speed.Text("", done, count, "images/s", $"scoring {done} of {count} pictures")));
        var logits = NetworkScorer.Logits(folded, loader, count, progress, session.Cancellation);
        session.Terminal.EndLine();
        return logits;
    }
}
