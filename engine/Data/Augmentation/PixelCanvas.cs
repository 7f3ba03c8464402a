namespace Flixstock.Engine;

/// <summary>
/// A picture that is changed in place, exactly as Pillow 9.4 changes RGB pictures: the same tables, the same
/// fixed-point numbers, the same rounding.
/// </summary>
/// <param name="pixels">[height, width, 3]</param>
/// <param name="scratch">[height, width, 3], overwritten.</param>
/// <param name="width">Width in pixels.</param>
/// <param name="height">Height in pixels.</param>
internal readonly ref partial struct PixelCanvas(Span<byte> pixels, Span<byte> scratch, int width, int height)
{
    private const byte Grey = 128; // of what comes into view
    private readonly Span<byte> _pixels = pixels, _scratch = scratch;

    public int Width { get; } = width;

    public int Height { get; } = height;

    /// <summary>255 - value.</summary>
    public void Invert()
    {
        for (var i = 0; i < _pixels.Length; i++)
            _pixels[i] = (byte)(255 - _pixels[i]);
    }

    /// <summary>Inverts what is not below a threshold.</summary>
    public void Solarize(double threshold)
    {
        for (var i = 0; i < _pixels.Length; i++)
            _pixels[i] = _pixels[i] < threshold ? _pixels[i] : (byte)(255 - _pixels[i]);
    }

    /// <summary>Keeps the upper bits.</summary>
    public void Posterize(int bits)
    {
        var mask = (byte)~((1 << (8 - bits)) - 1);
        for (var i = 0; i < _pixels.Length; i++)
            _pixels[i] &= mask;
    }

    /// <summary>Stretches each channel to 0 ... 255.</summary>
    public void AutoContrast()
    {
        Span<int> counts = stackalloc int[256];
        Span<byte> table = stackalloc byte[256];
        for (var channel = 0; channel < 3; channel++)
        {
            Count(channel, counts);
            var (low, high) = (counts.IndexOfAnyExcept(0), counts.LastIndexOfAnyExcept(0));
            if (high <= low)
                continue;
            var scale = 255.0 / (high - low);
            var offset = -low * scale;
            for (var value = 0; value < table.Length; value++)
                table[value] = (byte)Math.Clamp((int)((value * scale) + offset), 0, 255);
            Map(channel, table);
        }
    }

    /// <summary>Flattens each channel's histogram.</summary>
    public void Equalize()
    {
        Span<int> counts = stackalloc int[256];
        Span<byte> table = stackalloc byte[256];
        for (var channel = 0; channel < 3; channel++)
        {
            Count(channel, counts);
            var highest = counts.LastIndexOfAnyExcept(0);
            var step = (Width * Height - counts[highest]) / 255;
            if (step == 0)
                continue; // also if there is only one value
            var sum = step / 2;
            for (var value = 0; value < table.Length; value++)
            {
                table[value] = (byte)Math.Min(sum / step, 255);
                sum += counts[value];
            }
            Map(channel, table);
        }
    }

    /// <summary>Blends black (0) with the picture (1), and beyond.</summary>
    public void Brightness(float factor) => PixelArithmetic.Blend(0, _pixels, factor);

    /// <summary>Blends the picture's mean grey (0) with the picture (1), and beyond.</summary>
    public void Contrast(float factor)
    {
        var sum = 0L;
        for (var y = 0; y < Height; y++) // a row's sum fits an integer
            sum += PixelArithmetic.SumOfLuma(_pixels.Slice(y * Width * 3, Width * 3));
        var mean = (byte)(((double)sum / (Width * Height)) + 0.5);
        PixelArithmetic.Blend(mean, _pixels, factor);
    }

    /// <summary>Blends grey (0) with the picture (1), and beyond.</summary>
    public void Colour(float factor) => PixelArithmetic.BlendWithGrey(_pixels, factor);

    /// <summary>Blends the smoothed picture (0) with the picture (1), and beyond; the border stays unchanged.</summary>
    public void Sharpness(float factor)
    {
        _pixels.CopyTo(_scratch);
        var row = Width * 3;
        for (var y = 1; y < Height - 1; y++)
        {
            for (var i = (y * row) + 3; i < ((y + 1) * row) - 3; i++)
                _pixels[i] = PixelArithmetic.Blend(Smoothed(i, row), _scratch[i], factor);
        }
    }

    /// <summary>Fills the pixels [left, right) x [top, bottom) that lie in the picture with one colour.</summary>
    public void Fill(int left, int top, int right, int bottom, byte red, byte green, byte blue)
    {
        for (var y = Math.Max(0, top); y < Math.Min(Height, bottom); y++)
        {
            for (var x = Math.Max(0, left); x < Math.Min(Width, right); x++)
            {
                var at = ((y * Width) + x) * 3;
                (_pixels[at], _pixels[at + 1], _pixels[at + 2]) = (red, green, blue);
            }
        }
    }

    // In single precision, rows from below to above: as Pillow adds up (1 1 1, 1 5 1, 1 1 1) / 13.
    private byte Smoothed(int i, int row)
    {
        const float Side = 1f / 13, Middle = 5f / 13;
        float Row(Span<byte> pixels, int at, float middle) =>
            (pixels[at - 3] * Side) + (pixels[at] * middle) + (pixels[at + 3] * Side);
        var sum = 0.5f;
        sum += Row(_scratch, i + row, Side);
        sum += Row(_scratch, i, Middle);
        sum += Row(_scratch, i - row, Side);
        return (byte)sum;
    }

    private void Count(int channel, Span<int> counts)
    {
        counts.Clear();
        for (var i = channel; i < _pixels.Length; i += 3)
            counts[_pixels[i]]++;
    }

    private void Map(int channel, ReadOnlySpan<byte> table)
    {
        for (var i = channel; i < _pixels.Length; i += 3)
            _pixels[i] = table[_pixels[i]];
    }
}
