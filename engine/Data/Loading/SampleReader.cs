namespace Flixstock.Engine;

/// <summary>
/// Reads samples into batches and keeps resized pictures in memory as far as the limit allows. Safe for several
/// threads.
/// </summary>
internal sealed class SampleReader(IReadOnlyList<Sample> samples, BatchLoaderOptions options)
{
    /// <summary>The pictures that are kept in memory.</summary>
    public PictureCache Cache { get; } = options.Cache ?? new PictureCache(samples.Count, options.CacheBytes);

    /// <summary>
    /// Puts a sample's pixels and labels into place <paramref name="slot"/> of a batch; what is kept in memory is the
    /// picture before it is changed at random.
    /// </summary>
    /// <param name="index">Index of the sample.</param>
    /// <param name="slot">Place in the batch.</param>
    /// <param name="batch">The batch to fill.</param>
    /// <param name="random">Generator for this picture in this epoch; null to leave it unchanged.</param>
    /// <exception cref="InputException">The picture cannot be read; names the file.</exception>
    public void Read(int index, int slot, Batch batch, SeededRandom? random = null)
    {
        ReadUnchanged(index, slot, batch);
        var size = options.Preparation.ImageSize;
        if (random is not null)
        {
            PictureAugmentation.Apply(
                options.Augmentation, batch.Pixels.AsSpan(slot * size * size * 3, size * size * 3), size, size, random);
        }
    }

    private static void CopySoftLabels(Sample sample, int slot, Batch batch)
    {
        if (batch.SoftLabels is not { } targets)
            return;
        for (var k = 0; k < batch.Classes; k++)
            targets[slot * batch.Classes + k] = sample.SoftLabels?[k] ?? sample.Labels[k];
    }

    private void ReadUnchanged(int index, int slot, Batch batch)
    {
        var sample = samples[index];
        var size = options.Preparation.ImageSize;
        var place = batch.Pixels.AsMemory(slot * size * size * 3, size * size * 3);
        var pixels = place.Span;
        sample.Labels.CopyTo(batch.Labels.AsSpan(slot * batch.Classes));
        CopySoftLabels(sample, slot, batch);
        if (Cache.Find(index) is { } known)
        {
            known.CopyTo(pixels);
            return;
        }
        try
        {
            sample.Prepare(options.Preparation, place);
        }
        catch (PictureException e)
        {
            if (options.Bad is null)
                throw e.Of(sample);
            options.Bad.Add(index, e.Of(sample));
            pixels.Clear();
            return;
        }
        catch (Exception e) when (e is not (InputException or EngineException))
        {
            throw new EngineException($"{sample.Name}: loading the picture failed: {e.Message}", e);
        }
        if (sample.Raw is null) // raw pixels are in memory already, as pages of their file
            Cache.Keep(index, pixels);
    }
}
