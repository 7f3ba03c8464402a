namespace Flixstock.Engine;

/// <summary>Where a network sees what it says: a map for each of some answers.</summary>
internal static class AnswerMaps
{
    /// <summary>Computes the maps; pictures that are asked for twice are read twice.</summary>
    /// <param name="checkpoint">The model, its outputs in the order of the data set's classes.</param>
    /// <param name="backend">The backend to compute on.</param>
    /// <param name="dataset">The pictures.</param>
    /// <param name="answers">What is to be explained.</param>
    /// <param name="options">How pictures are prepared, and how many go through the network together.</param>
    /// <param name="progress">Receives the number of maps done after every batch.</param>
    /// <param name="cancellation">Stops between pictures and layers.</param>
    /// <returns>The maps by picture and class.</returns>
    /// <exception cref="InputException">
    /// A picture cannot be read any more, or the network cannot be explained.
    /// </exception>
    public static IReadOnlyDictionary<(int Sample, int Number), ActivationMap> Of(
        Checkpoint checkpoint, Backend backend, ImageDataset dataset, IEnumerable<PictureAnswer> answers,
        BatchLoaderOptions options, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var wanted = answers.Select(answer => (answer.Sample, answer.Number)).Distinct().ToList();
        var maps = new Dictionary<(int Sample, int Number), ActivationMap>();
        using var network = checkpoint.Fold(backend, explains: true);
        using var cam = new GradCam(network);
        var size = options.Preparation.ImageSize;
        var bytes = size * size * 3;
        foreach (var batch in wanted.Chunk(options.BatchSize))
        {
            var pixels = new byte[batch.Length * bytes];
            PictureWorkers.Run(
                batch.Length, options.Workers,
                i => dataset.Samples[batch[i].Sample].Prepare(options.Preparation, pixels.AsMemory(i * bytes, bytes)),
                cancellation);
            var found = cam.Maps(
                pixels, batch.Length, size, size, [.. batch.Select(one => one.Number)], cancellation);
            foreach (var (one, map) in batch.Zip(found))
                maps.Add(one, map);
            progress?.Report(maps.Count);
        }
        return maps;
    }
}
