namespace Flixstock.Engine;

/// <summary>Options of a <see cref="GarmentSynthesizer"/>.</summary>
public sealed record SynthesisOptions
{
    /// <summary>
    /// Number of pictures, at least 1. From 300 on every class of every attribute has at least three labelled pictures;
    /// from 89 on, one.
    /// </summary>
    public int Count { get; init; } = 1422;

    /// <summary>
    /// Shorter side of the pictures in pixels, at least 32; the longer one is up to a quarter longer, regardless of the
    /// labels.
    /// </summary>
    public int Size { get; init; } = 224;

    /// <summary>The only source of randomness: same seed, count and size give the same bytes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Also write where each picture shows neckline and sleeves: <see cref="GarmentSynthesizer.Masks"/>. Does not
    /// change the pictures.
    /// </summary>
    public bool Masks { get; init; }

    /// <summary>Threads that draw; 0 for one per processor. Does not change what is drawn.</summary>
    public int Workers { get; init; }

    /// <summary>Replace a drawn data set that is already in the folder, instead of stopping.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Replace a lock that a process on another machine has left, if the file system has no locks.</summary>
    public bool TakeOver { get; init; }
}
