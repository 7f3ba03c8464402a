namespace Flixstock.Engine;

/// <summary>The scores that a model gives the pictures of a data set.</summary>
/// <param name="Values">[pictures, classes] in the data set's order.</param>
/// <param name="Dataset">The pictures that could be read.</param>
public sealed record DatasetScores(float[] Values, ImageDataset Dataset)
{
    /// <summary>Computes scores that are not probabilities yet.</summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="backend">The backend to compute on.</param>
    /// <param name="dataset">The pictures, their labels in the order of the model's outputs.</param>
    /// <param name="options">
    /// How to load the pictures, in their own order. Those that cannot be read are left out as far as
    /// <see cref="BatchLoaderOptions.Bad"/> allows.
    /// </param>
    /// <param name="progress">Receives the number of pictures done after every batch.</param>
    /// <param name="flips">True: the mean of each picture's logits and its mirror image's.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="InputException">No picture can be read, or the network does not take such sizes.</exception>
    /// <exception cref="EngineException">A score is not finite.</exception>
    public static DatasetScores Logits(
        Checkpoint checkpoint, Backend backend, ImageDataset dataset, BatchLoaderOptions options,
        IProgress<int>? progress = null, bool flips = false, CancellationToken cancellation = default)
    {
        checkpoint.Model.ImageSizes.Require(options.Preparation);
        using var folded = checkpoint.Fold(backend);
        using var loader = new BatchLoader(dataset.Samples, dataset.Attributes.ClassCount, options);
        var logits = NetworkScorer.Logits(folded, loader, dataset.Samples.Count, progress, flips, cancellation);
        if (!FiniteWeights.AreFinite(logits))
        {
            throw new EngineException($"{checkpoint.Path}: the network's scores are not finite: its weights are too "
                + $"large to compute with; give other weights");
        }
        return options.Bad is { Found.Count: > 0 } bad
            ? Without(dataset, logits, bad.Found)
            : new DatasetScores(logits, dataset);
    }

    /// <summary>Computes calibrated probabilities.</summary>
    /// <inheritdoc cref="Logits" path="/param | /exception"/>
    public static DatasetScores Probabilities(
        Checkpoint checkpoint, Backend backend, ImageDataset dataset, BatchLoaderOptions options,
        IProgress<int>? progress = null, bool flips = false, CancellationToken cancellation = default)
    {
        var scores = Logits(checkpoint, backend, dataset, options, progress, flips, cancellation);
        checkpoint.Probabilities.Apply(scores.Values, scores.Values);
        return scores;
    }

    /// <summary>[classes] the mean over the pictures: of probabilities, how often each class occurs.</summary>
    public float[] MeanOfClasses()
    {
        var sums = new double[Dataset.Attributes.ClassCount];
        for (var i = 0; i < Values.Length; i++)
            sums[i % sums.Length] += Values[i];
        return Array.ConvertAll(sums, sum => (float)(sum / (Values.Length / sums.Length)));
    }

    private static DatasetScores Without(ImageDataset dataset, float[] logits, IReadOnlyDictionary<int, BadPicture> bad)
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
        return new DatasetScores([.. kept], dataset.Without(bad));
    }
}
