namespace Flixstock.Engine;

internal readonly ref partial struct PixelCanvas
{
    /// <summary>Mirrors left and right.</summary>
    public void Flip()
    {
        for (var y = 0; y < Height; y++)
        {
            var row = _scratch[..(Width * 3)];
            var mirrored = _pixels.Slice(y * Width * 3, Width * 3);
            mirrored.CopyTo(row);
            PixelArithmetic.Mirror(row, mirrored);
        }
    }

    /// <summary>The pixel at x comes from x + right, that at y from y + down; the nearest one.</summary>
    public void Translate(double right, double down)
    {
        _pixels.CopyTo(_scratch);
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
                Copy(x, y, Whole(x + 0.5 + right), Whole(y + 0.5 + down));
        }
    }

    /// <summary>
    /// Turns counter-clockwise about the middle; the nearest pixel, by fixed-point numbers of 16 bits.
    /// </summary>
    public void Rotate(double degrees)
    {
        _pixels.CopyTo(_scratch);
        var angle = -degrees * Math.PI / 180;
        var (cos, sin) = (Math.Round(Math.Cos(angle), 15), Math.Round(Math.Sin(angle), 15));
        var (centerX, centerY) = (Width / 2.0, Height / 2.0);
        var shiftX = (cos * -centerX) + (sin * -centerY) + centerX;
        var shiftY = (-sin * -centerX) + (cos * -centerY) + centerY;
        var (rowX, rowY) = (Fixed(shiftX + (cos * 0.5) + (sin * 0.5)), Fixed(shiftY - (sin * 0.5) + (cos * 0.5)));
        var (stepX, stepY) = (Fixed(cos), Fixed(-sin));
        for (var y = 0; y < Height; y++, rowX += Fixed(sin), rowY += Fixed(cos))
        {
            var (fromX, fromY) = (rowX, rowY);
            for (var x = 0; x < Width; x++, fromX += stepX, fromY += stepY)
                Copy(x, y, fromX >> 16, fromY >> 16);
        }
    }

    /// <summary>
    /// The pixel at (x, y) comes from (a x + b y + c, d x + e y + f), by a cubic of four pixels each way (a = -1).
    /// </summary>
    public void AffineBicubic(double a, double b, double c, double d, double e, double f)
    {
        if (b != 0 || d != 0 || a <= 0 || e <= 0)
        {
            AffineBicubicByPixel(a, b, c, d, e, f);
            return;
        }
        _pixels.CopyTo(_scratch);
        using var x = new StretchedAxis(Width, a, c);
        using var y = new StretchedAxis(Height, e, f);
        BicubicStretch.Apply(_scratch, _pixels, x, y, Grey);
    }

    /// <summary>Any such map, pixel by pixel.</summary>
    public void AffineBicubicByPixel(double a, double b, double c, double d, double e, double f)
    {
        _pixels.CopyTo(_scratch);
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var (fromX, fromY) = ((a * (x + 0.5)) + (b * (y + 0.5)) + c, (d * (x + 0.5)) + (e * (y + 0.5)) + f);
                var at = ((y * Width) + x) * 3;
                if (fromX < 0 || fromX >= Width || fromY < 0 || fromY >= Height)
                    _pixels.Slice(at, 3).Fill(Grey);
                else
                    Interpolate(fromX - 0.5, fromY - 0.5, _pixels.Slice(at, 3));
            }
        }
    }

    private void Interpolate(double fromX, double fromY, Span<byte> pixel)
    {
        var (x, y) = ((int)Math.Floor(fromX), (int)Math.Floor(fromY));
        var (shareX, shareY) = (fromX - x, fromY - y);
        Span<double> rows = stackalloc double[4];
        for (var channel = 0; channel < 3; channel++)
        {
            for (var i = 0; i < 4; i++)
            {
                var row = Math.Clamp(y + i - 1, 0, Height - 1);
                rows[i] = BicubicStretch.Cubic(
                    Value(x - 1, row, channel), Value(x, row, channel), Value(x + 1, row, channel),
                    Value(x + 2, row, channel), shareX);
            }
            pixel[channel] =
                (byte)Math.Clamp(BicubicStretch.Cubic(rows[0], rows[1], rows[2], rows[3], shareY), 0, 255);
        }
    }

    private double Value(int x, int y, int channel) =>
        _scratch[(((y * Width) + Math.Clamp(x, 0, Width - 1)) * 3) + channel];

    private void Copy(int x, int y, int fromX, int fromY)
    {
        var to = _pixels.Slice(((y * Width) + x) * 3, 3);
        if (fromX >= 0 && fromX < Width && fromY >= 0 && fromY < Height)
            _scratch.Slice(((fromY * Width) + fromX) * 3, 3).CopyTo(to);
        else
            to.Fill(Grey);
    }

    private static int Whole(double value) => value < 0 ? -1 : (int)value;

    private static int Fixed(double value) => (int)Math.Floor((value * 65536) + 0.5);
}
