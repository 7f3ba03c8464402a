namespace Flixstock.Engine;

/// <summary>
/// Batch sizes that a training can have: a norm's batch statistics need more than one value per channel, and pictures of up to 32 x 32 pixels leave the last
/// stage a single pixel, so that no batch of theirs may have one picture, the last of an epoch included.
/// </summary>
public static class BatchSizes
{
    /// <summary>Refuses a batch size that leaves some batch without statistics.</summary>
    /// <param name="options">Batch and picture size.</param>
    /// <param name="pictures">Of an epoch, at least one.</param>
    /// <exception cref="InputException">Says which batch has one picture, and which sizes work.</exception>
    public static void Require(TrainerOptions options, int pictures)
    {
        if (Works(options.BatchSize, pictures, options.ImageSize))
            return;
        var size = options.ImageSize;
        var which = pictures == 1 ? "there is one training picture"
            : options.BatchSize == 1 ? "every batch has one picture"
            : $"the last batch of an epoch has 1 of {pictures} pictures";
        throw new InputException(
            $"--batch-size {options.BatchSize}: {which}, and one picture of {size} x {size} pixels leaves the network's last stage one pixel, of which there are no batch statistics: "
            + $"give {Advice(options.BatchSize, pictures)}--image-size {Larger(size)} or more");
    }

    /// <summary>True if every batch of an epoch has more than one value per channel in every stage.</summary>
    internal static bool Works(int batch, int pictures, int imageSize) =>
        Engine.ImageSize.LastStage(imageSize) > 1 || (Math.Min(batch, pictures) > 1 && pictures % Math.Min(batch, pictures) != 1);

    /// <summary>The nearest size that works, smaller before larger; null if none does.</summary>
    /// <param name="batch">Where to begin: it may work itself.</param>
    /// <param name="pictures">Of an epoch, at least one.</param>
    /// <param name="imageSize">Height and width in pixels.</param>
    public static int? Nearest(int batch, int pictures, int imageSize) => Smaller(batch, pictures, imageSize) ?? Greater(batch, pictures, imageSize);

    private static int? Smaller(int batch, int pictures, int imageSize) =>
        First(Enumerable.Range(1, Math.Min(batch, pictures)).Reverse(), pictures, imageSize);

    private static int? Greater(int batch, int pictures, int imageSize) =>
        First(Enumerable.Range(batch, Math.Max(0, pictures - batch + 1)), pictures, imageSize);

    private static int? First(IEnumerable<int> candidates, int pictures, int imageSize)
    {
        foreach (var candidate in candidates)
        {
            if (Works(candidate, pictures, imageSize))
                return candidate;
        }
        return null;
    }

    private static string Advice(int batch, int pictures)
    {
        int?[] found = [Smaller(batch, pictures, Engine.ImageSize.Smallest), Greater(batch, pictures, Engine.ImageSize.Smallest)];
        var sizes = string.Join(" or ", found.Where(size => size is not null));
        return sizes.Length == 0 ? "" : $"--batch-size {sizes}, or ";
    }

    private static int Larger(int imageSize)
    {
        var size = imageSize;
        while (Engine.ImageSize.LastStage(size) == 1)
            size += Engine.ImageSize.Block;
        return size;
    }
}
