namespace Flixstock.Engine;

/// <summary>
/// Batch sizes that a training can have: a norm's batch statistics need more than one value per channel, and pictures
/// of up to 32 x 32 pixels leave the last stage a single pixel, so that no batch of theirs may have one picture, the
/// last of an epoch included.
/// </summary>
internal static class BatchSizes
{
    /// <summary>Refuses a batch size that leaves some batch without statistics.</summary>
    /// <param name="options">Batch and picture size.</param>
    /// <param name="pictures">Pictures of an epoch, at least one.</param>
    /// <exception cref="InputException">Says which batch has one picture, and which sizes work.</exception>
    public static void Require(TrainerOptions options, int pictures)
    {
        var batch = Math.Min(options.BatchSize, pictures);
        if (options.SpliceMix > 0 && options.PicturesPerUpdate(pictures) == batch)
        {
            throw new InputException($"{new Term(nameof(options.SpliceMix))} {options.SpliceMix}: a batch of {batch} "
                + $"pictures gets no mixed picture: give a larger share, or a larger {Term.BatchSize}");
        }
        if (Works(options, options.BatchSize, pictures))
            return;
        var (size, sizes) = (options.ImageSize, options.Model(classes: 1).ImageSizes);
        var which = pictures == 1 ? "there is one training picture"
            : options.BatchSize == 1 ? "every batch has one picture"
            : $"the last batch of an epoch has 1 of {pictures} pictures";
        throw new InputException(
            $"{Term.BatchSize} {options.BatchSize}: {which}, and one picture of {size} x {size} pixels leaves the "
                + $"network's last stage one pixel, of which there are no batch statistics: "
                + $"give {Advice(options, pictures, sizes)}{Term.ImageSize} {Larger(size, sizes)} or more");
    }

    /// <summary>True if every batch of an epoch has more than one value per channel in every stage.</summary>
    /// <param name="options">The training; its batch size does not matter.</param>
    /// <param name="batch">Batch size.</param>
    /// <param name="pictures">Pictures of an epoch, at least one.</param>
    internal static bool Works(TrainerOptions options, int batch, int pictures) =>
        Works(batch, pictures, options.ImageSize, options.Model(classes: 1).ImageSizes);

    /// <summary>The nearest size that works, smaller before larger; null if none does.</summary>
    /// <param name="options">The training; its batch size does not matter.</param>
    /// <param name="batch">The size to begin with: it may work itself.</param>
    /// <param name="pictures">Pictures of an epoch, at least one.</param>
    public static int? Nearest(TrainerOptions options, int batch, int pictures)
    {
        var sizes = options.Model(classes: 1).ImageSizes;
        return Smaller(batch, pictures, options.ImageSize, sizes) ?? Greater(batch, pictures, options.ImageSize, sizes);
    }

    private static bool Works(int batch, int pictures, int imageSize, ImageSizes sizes) =>
        sizes.FeatureExtent(imageSize) > 1
        || (Math.Min(batch, pictures) > 1 && pictures % Math.Min(batch, pictures) != 1);

    private static int? Smaller(int batch, int pictures, int imageSize, ImageSizes sizes) =>
        First(Enumerable.Range(1, Math.Min(batch, pictures)).Reverse(), pictures, imageSize, sizes);

    private static int? Greater(int batch, int pictures, int imageSize, ImageSizes sizes) =>
        First(Enumerable.Range(batch, Math.Max(0, pictures - batch + 1)), pictures, imageSize, sizes);

    private static int? First(IEnumerable<int> candidates, int pictures, int imageSize, ImageSizes sizes)
    {
        foreach (var candidate in candidates)
        {
            if (Works(candidate, pictures, imageSize, sizes))
                return candidate;
        }
        return null;
    }

    private static Wording Advice(TrainerOptions options, int pictures, ImageSizes sizes)
    {
        var batch = options.BatchSize;
        int?[] found = [Smaller(batch, pictures, sizes.Smallest, sizes), Greater(
            batch, pictures, sizes.Smallest, sizes)];
        var works = string.Join(" or ", found.Where(size => size is not null));
        return works.Length == 0 ? "" : (Wording)$"{Term.BatchSize} {works}, or ";
    }

    private static int Larger(int imageSize, ImageSizes sizes)
    {
        var size = imageSize;
        while (sizes.FeatureExtent(size) == 1)
            size += sizes.Multiple;
        return size;
    }
}
