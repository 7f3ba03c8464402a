namespace Flixstock.Engine;

/// <summary>Takes a picture row by row, so that it need not be in memory as a whole.</summary>
internal interface IPictureSink
{
    /// <summary>The size, before the first row.</summary>
    void Begin(int width, int height);

    /// <summary>The next row from the top, [width, 3].</summary>
    void Row(ReadOnlySpan<byte> rgb);
}

/// <summary>Looks whether a picture can be decoded, and keeps its size only.</summary>
internal sealed class PictureMeasure : IPictureSink
{
    public int Width { get; private set; }

    public int Height { get; private set; }

    public void Begin(int width, int height) => (Width, Height) = (width, height);

    public void Row(ReadOnlySpan<byte> rgb)
    {
    }
}

/// <summary>Collects a whole picture.</summary>
internal sealed class PictureCollector : IPictureSink
{
    private int _filled;

    /// <summary>The picture, once its last row has come.</summary>
    public RgbPicture Picture { get; private set; } = null!;

    public void Begin(int width, int height) => Picture = new RgbPicture(width, height);

    public void Row(ReadOnlySpan<byte> rgb)
    {
        rgb.CopyTo(Picture.Pixels.AsSpan(_filled));
        _filled += rgb.Length;
    }
}

/// <summary>Gives a picture to several at once.</summary>
internal sealed class SharedPicture(params IPictureSink[] sinks) : IPictureSink
{
    public void Begin(int width, int height) => Array.ForEach(sinks, sink => sink.Begin(width, height));

    public void Row(ReadOnlySpan<byte> rgb)
    {
        foreach (var sink in sinks)
            sink.Row(rgb);
    }
}
