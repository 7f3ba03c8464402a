namespace Flixstock.Engine;

/// <summary>Limits of pictures that are read, and what is done while a file does not arrive.</summary>
public sealed record PictureReading
{
    /// <summary>Pixels of the largest picture that is read, unless another limit is given: that of Pillow.</summary>
    public const long StandardPixels = 178_956_970;

    /// <summary>Pixels that no limit may exceed: an array of RGB holds no more.</summary>
    public const long MostPixels = 500_000_000;

    /// <summary>Bytes of the largest file that is read: 256 MiB.</summary>
    public const long LargestFile = 256L << 20;

    /// <summary>Pixels of the longest side that is read.</summary>
    public const int LongestSide = 1 << 20;

    /// <summary>The limits that hold unless others are given.</summary>
    public static PictureReading Standard { get; } = new();

    /// <summary>A picture whose header says more pixels is refused before memory is taken for them.</summary>
    public long MaxPixels { get; init; } = StandardPixels;

    /// <summary>
    /// Decode large JPEGs at 1/8 to 7/8 of their size, no less than twice the size that is wanted: faster, and with
    /// other pixels than decoding them whole.
    /// </summary>
    public bool Scaled { get; init; }

    /// <summary>
    /// Told the file's name and for how long it has been waited for: after <see cref="Patience"/>, then after twice as
    /// long, and so on. From any thread.
    /// </summary>
    public Action<string, TimeSpan>? Waiting { get; init; }

    /// <summary>How long a file may take to be read before <see cref="Waiting"/> is told.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Refuses a picture by what its header says.</summary>
    /// <exception cref="PictureException">It has no pixels or too many.</exception>
    internal void Require(long width, long height, string name)
    {
        if (width <= 0 || height <= 0)
            throw new PictureException(name, $"the picture has {width} x {height} pixels");
        if (width > LongestSide || height > LongestSide)
        {
            throw new PictureException(
                name, $"{width} x {height} pixels: sides of more than {LongestSide:N0} pixels are not read",
                "make the picture smaller");
        }
        if (width * height > MaxPixels)
        {
            throw new PictureException(
                name, $"{width} x {height} pixels are too many: at most {MaxPixels / 1e6:0.###} million are read",
                $"make the picture smaller, or allow more with {Term.MaxPixels}");
        }
    }

    /// <summary>Does something that may hang, and says so if it does.</summary>
    internal T Watched<T>(string name, Func<T> read)
    {
        if (Waiting is not { } waiting)
            return read();
        var waited = Patience;
        ITimer? timer = null;
        using (timer = Time.CreateTimer(_ => Tell(), null, Patience, Timeout.InfiniteTimeSpan))
            return read();

        void Tell()
        {
            waiting(name, waited);
            timer?.Change(waited, Timeout.InfiniteTimeSpan);
            waited += waited;
        }
    }
}
