namespace Flixstock.Engine;

/// <summary>A batch of noise with random labels: what steps are measured with, without a data set.</summary>
internal static class NoiseBatch
{
    /// <summary>The batch; the same one for the same sizes.</summary>
    /// <param name="count">Number of pictures.</param>
    /// <param name="imageSize">Height and width in pixels.</param>
    /// <param name="classes">Labels of each picture: 1, 0 and -1 equally often.</param>
    public static Batch Of(int count, int imageSize, int classes)
    {
        var batch = new Batch(count, imageSize, classes) { Count = count };
        var random = new SeededRandom(1);
        for (var i = 0; i < batch.Pixels.Length; i++)
            batch.Pixels[i] = (byte)random.Next(256);
        random = new SeededRandom(2);
        for (var i = 0; i < batch.Labels.Length; i++)
            batch.Labels[i] = (sbyte)(random.Next(3) - 1);
        return batch;
    }
}
