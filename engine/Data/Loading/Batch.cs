namespace Flixstock.Engine;

/// <summary>
/// Some samples, ready for the network, and perhaps pictures mixed of them. Belongs to a <see cref="BatchLoader"/>:
/// give it back with Return and do not use it afterwards.
/// </summary>
/// <remarks>Threads: one at a time, between the loader's giving it and its return.</remarks>
public sealed class Batch
{
    /// <summary>Stands in <see cref="SampleIndices"/> for a picture that is mixed of several.</summary>
    internal const int NoSample = -1;

    internal Batch(int capacity, int imageSize, int classes, bool soft = false, int mixed = 0)
    {
        Tiles = new int[mixed * SpliceTiles.Most];
        capacity += mixed;
        SoftLabels = soft ? new float[capacity * classes] : null;
        ImageSize = imageSize;
        Classes = classes;
        Pixels = new byte[capacity * imageSize * imageSize * 3];
        Labels = new sbyte[capacity * classes];
        SampleIndices = new int[capacity];
    }

    /// <summary>
    /// [Count, ImageSize, ImageSize, 3]; the array may be longer if the batch is the last, partial one.
    /// </summary>
    public byte[] Pixels { get; }

    /// <summary>[Count, Classes] 1, 0, or -1 if unknown; the array may be longer.</summary>
    public sbyte[] Labels { get; }

    /// <summary>
    /// [Count, Classes] soft targets from 0 to 1, -1 if unknown; null if no sample has any. The array may be longer.
    /// </summary>
    public float[]? SoftLabels { get; }

    /// <summary>[Count] which samples these are, -1 for mixed pictures; the array may be longer.</summary>
    public int[] SampleIndices { get; }

    /// <summary>Number of pictures.</summary>
    public int Count { get; internal set; }

    /// <summary>
    /// How many of them, the last ones, are mixed of the others: none but with
    /// <see cref="BatchLoaderOptions.SpliceMix"/>.
    /// </summary>
    public int Mixed { get; internal set; }

    /// <summary>Number of pictures that are samples: all but the mixed ones.</summary>
    public int Samples => Count - Mixed;

    /// <summary>
    /// [Mixed, <see cref="SpliceTiles.Most"/>] places in the batch of the pictures that a mixed one is made of, -1 for
    /// none; the array may be longer.
    /// </summary>
    internal int[] Tiles { get; }

    /// <summary>Height and width of the pictures in pixels.</summary>
    public int ImageSize { get; }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>The exception that ended its loading, if any.</summary>
    internal Exception? Failure { get; set; }
}

/// <summary>Options of a <see cref="BatchLoader"/>.</summary>
public sealed record BatchLoaderOptions
{
    /// <summary>Samples per batch.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Size, filter and orientation.</summary>
    public PicturePreparation Preparation { get; init; } = new(224);

    /// <summary>Threads that load; 0: the caller's own.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Decides the order together with the epoch.</summary>
    public ulong Seed { get; init; }

    /// <summary>A new random order every epoch; else the order of the samples.</summary>
    public bool Shuffle { get; init; }

    /// <summary>A custom order instead of <see cref="Shuffle"/>.</summary>
    public IEpochOrder? Order { get; init; }

    /// <summary>
    /// Random changes that are made each time a picture is loaded; they follow from seed, epoch, sample and its earlier
    /// occurrences in the epoch.
    /// </summary>
    public AugmentationKind Augmentation { get; init; }

    /// <summary>
    /// Mixed pictures that each batch gets in addition, for each of its own, from 0, none, to 1: some of the batch in a
    /// grid, with the union of their labels. They follow from seed, epoch and the number of the batch.
    /// </summary>
    public double SpliceMix { get; init; }

    /// <summary>At most this many batches are made before they are requested.</summary>
    public int BatchesAhead { get; init; } = 4;

    /// <summary>Leave out the last batch of an epoch if it is not full.</summary>
    public bool DropLast { get; init; }

    /// <summary>
    /// Resized pictures are kept in memory up to this many bytes, so that later epochs need not decode them again; 0:
    /// none.
    /// </summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Resized pictures in memory that several loaders of the same samples share; null: an own one.</summary>
    internal PictureCache? Cache { get; init; }

    /// <summary>True: batches have soft targets though no sample has any.</summary>
    internal bool HasSoftLabels { get; init; }

    /// <summary>How long disposing waits for workers that are in the middle of a picture.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock of <see cref="BatchLoader.Waited"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes pictures that cannot be read, which are black then; null: the first one ends the epoch.</summary>
    public BadPictures? Bad { get; init; }
}
