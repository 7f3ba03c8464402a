using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Scores of a whole data set, with progress and the pictures that are left out.</summary>
internal static class Scoring
{
    /// <returns>The probabilities.</returns>
    public static DatasetScores Run(
        Session session, Backend backend, Checkpoint checkpoint, ImageDataset dataset, BatchLoaderOptions options,
        bool flips = false)
    {
        var scores = Logits(session, backend, checkpoint, dataset, options, flips);
        checkpoint.Probabilities.Apply(scores.Values, scores.Values);
        return scores;
    }

    /// <returns>Scores before they become probabilities.</returns>
    public static DatasetScores Logits(
        Session session, Backend backend, Checkpoint checkpoint, ImageDataset dataset, BatchLoaderOptions options,
        bool flips = false)
    {
        var (terminal, speed, count) = (session.Terminal, new ProgressSpeed(), dataset.Samples.Count);
        var progress = new ProgressReport<int>(done => terminal.Progress(
            (double)done / Math.Max(1, count),
            () => speed.Text("", done, count, "images/s", $"scoring {done} of {count} pictures")));
        var scores = DatasetScores.Logits(checkpoint, backend, dataset, options, progress, flips, session.Cancellation);
        terminal.EndLine();
        if (options.Bad is { Found.Count: > 0 } bad)
            SkipBad.Tell(session, [.. bad.Found.Values]);
        return scores;
    }
}
