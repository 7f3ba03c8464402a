namespace Flixstock.Engine;

/// <summary>
/// Deals the training and validation pictures of a data set out into folds. Which picture is in which fold follows from
/// names and labels alone; each class is spread over the folds as evenly as may be (<see cref="StratifiedDeal"/>).
/// Copies that a split made of a training picture stay with it, and are not validated on.
/// </summary>
internal static class FoldedParts
{
    private const ulong Seed = 0;

    /// <summary>A part of one fold.</summary>
    /// <param name="training">The data set's own training pictures.</param>
    /// <param name="validation">Its validation pictures, with the same classes; null: there are none.</param>
    /// <param name="fold">The fold.</param>
    /// <param name="part">train or val.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="InputException">There are fewer pictures than folds.</exception>
    public static ImageDataset Of(
        ImageDataset training, ImageDataset? validation, DataFold fold, string part,
        CancellationToken cancellation = default)
    {
        var samples = Joined(training, validation);
        var originals = ChangedCopy.Originals(samples);
        var dealt = samples.Where((_, i) => originals[i] == i).Select(sample => sample.File)
            .Order(StringComparer.Ordinal).ToArray();
        if (dealt.Length < fold.Count)
        {
            throw new InputException($"{Term.Fold} {fold}: {training.Folder} has {dealt.Length} pictures for training "
                + $"and validation, fewer than folds");
        }

        var inFold = FoldOf(samples, originals, dealt, training.Attributes.ClassCount, fold.Count, cancellation);
        var validates = part == DatasetLayout.Parts[1];
        var chosen = samples.Where((_, i) => validates
            ? inFold[i] == fold.Index && originals[i] == i
            : inFold[i] != fold.Index).ToList();
        return training.InFold(fold, chosen, [.. training.Notes.Concat(validation?.Notes ?? []).Distinct()]);
    }

    // A name that both parts have is made another in the second.
    private static List<Sample> Joined(ImageDataset training, ImageDataset? validation)
    {
        var names = training.Samples.Select(sample => sample.File).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. training.Samples,
            .. (validation?.Samples ?? []).Select(
                sample => names.Contains(sample.File) ? sample with { File = $"val/{sample.File}" } : sample),
        ];
    }

    private static int[] FoldOf(
        List<Sample> samples, int[] originals, string[] names, int classes, int folds, CancellationToken cancellation)
    {
        new SeededRandom(Seed).Derive("folds").Shuffle(names.AsSpan());
        var place = samples.Select((sample, i) => (sample.File, i)).Where(entry => originals[entry.i] == entry.i)
            .ToDictionary(entry => entry.File, entry => entry.i, StringComparer.Ordinal);
        var keys = Array.ConvertAll(names, name => Keys(samples[place[name]], classes));
        var sizes = Enumerable.Range(0, folds).Select(k => (names.Length + k) / folds).ToArray();
        var dealt = StratifiedDeal.Of(keys, classes + 1, sizes, cancellation);
        var result = new int[samples.Count];
        for (var i = 0; i < names.Length; i++)
            result[place[names[i]]] = dealt[i] + 1;
        for (var i = 0; i < samples.Count; i++)
            result[i] = result[originals[i]];
        return result;
    }

    // Its positive classes; without any, a key that stands for that.
    private static int[] Keys(Sample sample, int classes) =>
        sample.Labels.Known().Where(known => known.Label == 1).Select(known => known.Class).ToArray() is { Length: > 0 }
            and var positive ? positive : [classes];
}
