namespace Flixstock.Engine;

/// <summary>Probabilities of a data set's pictures, by inference with folded weights.</summary>
public static class NetworkScorer
{
    /// <summary>Computes the scores of all pictures, before they become probabilities.</summary>
    /// <param name="network">The folded network.</param>
    /// <param name="loader">Loader of the data set in its own order, not shuffled.</param>
    /// <param name="pictures">Number of pictures in the data set.</param>
    /// <param name="progress">Told the number of pictures done after every batch.</param>
    /// <param name="flips">True: the mean of each picture's logits and its mirror image's.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>[pictures, classes], in the data set's order.</returns>
    public static float[] Logits(
        FoldedNetwork network, BatchLoader loader, int pictures, IProgress<int>? progress = null,
        bool flips = false, CancellationToken cancellation = default)
    {
        var classes = network.Description.Classes;
        var scores = new float[pictures * classes];
        var done = 0;
        loader.StartEpoch(0);
        while (loader.TryNext(out var batch, cancellation))
        {
            var logits = new float[batch.Count * classes];
            var size = batch.ImageSize;
            var pixels = batch.Pixels.AsSpan(0, 3 * batch.Count * size * size);
            if (flips)
                MirroredRun.Run(network, pixels, batch.Count, size, size, logits, cancellation);
            else
                network.Run(pixels, batch.Count, size, size, logits, cancellation);
            for (var i = 0; i < batch.Count; i++)
                logits.AsSpan(i * classes, classes).CopyTo(scores.AsSpan(batch.SampleIndices[i] * classes));
            progress?.Report(done += batch.Count);
            loader.Return(batch);
        }
        return scores;
    }
}
