namespace Flixstock.Engine;

/// <summary>A picture in memory: 8 bits each of red, green and blue.</summary>
/// <remarks>Threads: any number, as long as the pixels are not changed.</remarks>
public sealed class RgbPicture
{
    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="pixels">[height, width, 3]</param>
    /// <exception cref="ArgumentException">The array has another length.</exception>
    public RgbPicture(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (pixels.Length != width * height * 3)
        {
            throw new ArgumentException(
                $"{width} x {height} pixels need {width * height * 3} bytes, not {pixels.Length}", nameof(pixels));
        }
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>A black picture.</summary>
    public RgbPicture(int width, int height)
        : this(width, height, new byte[width * height * 3])
    {
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>[Height, Width, 3] red, green, blue.</summary>
    public byte[] Pixels { get; }
}
