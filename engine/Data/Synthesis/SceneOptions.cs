namespace Flixstock.Engine;

/// <summary>Options of a <see cref="SceneSynthesizer"/>.</summary>
public sealed record SceneOptions
{
    /// <summary>
    /// Pictures of all three parts: seven tenths for training, two for validation, one for test. At least 10.
    /// </summary>
    public int Count { get; init; } = 5000;

    /// <summary>Height and width in pixels.</summary>
    public int Size { get; init; } = 64;

    /// <summary>The only source of randomness: same seed, count and size give the same bytes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads that draw; 0 for one per processor. Does not change what is drawn.</summary>
    public int Workers { get; init; }

    /// <summary>Replace drawn scenes that are already in the folder, instead of stopping.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Replace a lock that a process on another machine has left, if the file system has no locks.</summary>
    public bool TakeOver { get; init; }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="InputException">Names the option that cannot be.</exception>
    public void Validate()
    {
        if (Count < 10)
        {
            throw new InputException($"{Term.Count} {Count}: every part needs a picture; give 10 or more "
                + $"(5000 for every class to occur often enough)");
        }

        if (Size is < 32 or > 1024)
            throw new InputException($"{Term.Size} {Size}: must lie between 32 and 1024 pixels");
        if (Workers < 0)
            throw new InputException($"{Term.Workers} {Workers}: must be 0 (one per processor) or more");
    }
}
