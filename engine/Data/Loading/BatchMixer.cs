namespace Flixstock.Engine;

/// <summary>
/// Appends mixed pictures to batches. What is mixed follows from seed, epoch, number of the batch and place in it.
/// Safe for several threads.
/// </summary>
/// <param name="options">Share of mixed pictures, seed, size and filter.</param>
internal sealed class BatchMixer(BatchLoaderOptions options)
{
    /// <summary>Mixes pictures of a batch that is complete but for them.</summary>
    /// <param name="batch">The batch, whose <see cref="Batch.Count"/> grows.</param>
    /// <param name="epoch">Number of the epoch.</param>
    /// <param name="number">Number of the batch in its epoch, from 0.</param>
    public void Append(Batch batch, int epoch, int number)
    {
        var (samples, size, classes) = (batch.Count, batch.ImageSize, batch.Classes);
        var bytes = size * size * 3;
        var random = new SeededRandom(options.Seed).Derive("splice-mix").Derive((ulong)epoch).Derive((ulong)number);
        batch.Mixed = PictureSplicing.Extra(samples, options.SpliceMix);
        batch.Count += batch.Mixed;
        for (var i = samples; i < batch.Count; i++)
        {
            var tiles = batch.Tiles.AsSpan((i - samples) * SpliceTiles.Most, SpliceTiles.Most);
            var grid = SpliceTiles.Draw(random.Derive((ulong)(i - samples)), samples, tiles);
            batch.SampleIndices[i] = Batch.NoSample;
            PictureSplicing.Paint(
                batch.Pixels.AsSpan(0, samples * bytes), size, grid, tiles, options.Preparation.Filter,
                batch.Pixels.AsSpan(i * bytes, bytes));
            PictureSplicing.Union(
                batch.Labels.AsSpan(0, samples * classes), tiles, batch.Labels.AsSpan(i * classes, classes));
            if (batch.SoftLabels is { } soft)
                PictureSplicing.Union(soft.AsSpan(0, samples * classes), tiles, soft.AsSpan(i * classes, classes));
        }
    }
}
