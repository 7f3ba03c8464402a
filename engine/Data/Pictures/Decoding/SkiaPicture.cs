using System.Runtime.Intrinsics;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Gives the rows of what Skia decodes, or for a JPEG libjpeg-turbo: JPEG in bands of rows, a large PNG as its file is
/// fed to the decoder piece by piece; everything else is decoded whole, large ones of those one after the other.
/// </summary>
internal sealed unsafe class SkiaPicture
{
    private const int BandBytes = 1 << 16, Piece = 1 << 14; // a band stays in the processor's cache
    private const long LargePixels = 4 << 20, HugePixels = 32 << 20;

    // More than one such picture at a time would be more than a machine may have memory for.
    private static readonly Lock OneHugeAtATime = new();

    private readonly SKCodec _codec;
    private readonly SKImageInfo _wanted;
    private readonly string _name;
    private readonly byte[] _row;

    private SkiaPicture(SKCodec codec, SKSizeI size, string name)
    {
        // No colour space: profiles are ignored as PIL does. Unpremultiplied: colours under alpha stay what they are.
        (_codec, _wanted, _name) = (
            codec,
            new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null),
            name);
        _row = new byte[size.Width * 3];
    }

    /// <summary>Decodes a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">Name of the picture in messages.</param>
    /// <param name="exifRotate">Turn it as its EXIF orientation says.</param>
    /// <param name="reading">Limits of the picture.</param>
    /// <param name="least">The final size, if fewer pixels than the picture's will do.</param>
    /// <param name="sink">Receives the rows.</param>
    /// <param name="fast">Decodes JPEGs that it can, to the same pixels; null: Skia decodes all.</param>
    /// <exception cref="PictureException">The bytes are no complete picture, or one with too many pixels.</exception>
    public static void Decode(
        ReadOnlySpan<byte> file, string name, bool exifRotate, PictureReading reading, SKSizeI? least,
        IPictureSink sink, TurboJpeg? fast)
    {
        NativeLibraryCheck.RequireSkia();
        var stored = GifTransparency.Drop(file);
        fixed (byte* bytes = stored)
        {
            using var data = SKData.Create((nint)bytes, stored.Length);
            using var codec = SKCodec.Create(data) ?? throw UnreadPicture.Refusal(file, name);
            var info = codec.Info;
            reading.Require(info.Width, info.Height, name);
            var origin = !exifRotate
                ? SKEncodedOrigin.TopLeft
                : ExifOrientation.IsPng(file) ? ExifOrientation.OfPng(file) : codec.EncodedOrigin;
            if (origin is not (SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default))
                sink = new TurningSink(sink, origin);
            var size = reading.Scaled && least is { } wanted ? Scaled(codec, wanted) : info.Size;
            var isJpeg = codec.EncodedFormat == SKEncodedImageFormat.Jpeg;
            if (isJpeg && size == info.Size && fast?.TryDecode(file, size, sink) == true)
                return;
            if (isJpeg)
                new SkiaPicture(codec, size, name).InBands(sink);
            else if (ExifOrientation.IsPng(file) && (long)info.Width * info.Height > LargePixels && !IsInterlaced(file))
                InPieces(file, name, sink);
            else
                new SkiaPicture(codec, size, name).Whole(sink);
        }
    }

    // Only JPEG can be decoded smaller without decoding it whole; others answer with their own size.
    private static SKSizeI Scaled(SKCodec codec, SKSizeI wanted)
    {
        var info = codec.Info;
        var scale = 2 * Math.Max((float)wanted.Width / info.Width, (float)wanted.Height / info.Height);
        return codec.EncodedFormat != SKEncodedImageFormat.Jpeg || scale >= 1
            ? info.Size
            : codec.GetScaledDimensions(scale);
    }

    private static bool IsInterlaced(ReadOnlySpan<byte> png) => png.Length <= 28 || png[28] != 0;

    private void InBands(IPictureSink sink)
    {
        var started = _codec.StartScanlineDecode(_wanted);
        if (started != SKCodecResult.Success)
        {
            Whole(sink);
            return;
        }
        var rows = Math.Clamp(BandBytes / _wanted.RowBytes, 1, _wanted.Height);
        using var band = new PixelMemory(rows, _wanted.RowBytes);
        sink.Begin(_wanted.Width, _wanted.Height);
        for (var y = 0; y < _wanted.Height; y += rows)
        {
            var count = Math.Min(rows, _wanted.Height - y);
            var read = _codec.GetScanlines(band.Address, count, _wanted.RowBytes);
            if (read < count)
                throw new PictureException(_name, "the picture is truncated");
            for (var row = 0; row < count; row++)
                Give(band.Row(row), sink);
        }
    }

    private static void InPieces(ReadOnlySpan<byte> file, string name, IPictureSink sink)
    {
        fixed (byte* bytes = file)
        {
            using var pieces = new PieceStream(bytes, file.Length);
            using var stream = new SKManagedStream(pieces);
            using var codec = SKCodec.Create(stream) ?? throw UnreadPicture.Refusal(file, name);
            var picture = new SkiaPicture(codec, codec.Info.Size, name);
            picture.InPieces(pieces, sink);
        }
    }

    private void InPieces(PieceStream pieces, IPictureSink sink)
    {
        using var memory = new PixelMemory(_wanted.Height, _wanted.RowBytes);
        var result = _codec.StartIncrementalDecode(_wanted, memory.Address, _wanted.RowBytes);
        if (result != SKCodecResult.Success)
            throw new PictureException(_name, Reason(result));
        sink.Begin(_wanted.Width, _wanted.Height);
        var given = 0;
        while (given < _wanted.Height)
        {
            pieces.Allow(Piece);
            result = _codec.IncrementalDecode(out var done);
            if (result == SKCodecResult.Success)
                done = _wanted.Height;
            else if (result != SKCodecResult.IncompleteInput || pieces.AllAllowed)
                throw new PictureException(_name, Reason(result));
            for (; given < done; given++)
                Give(memory.Row(given), sink);
            memory.Forget(given);
        }
    }

    private void Whole(IPictureSink sink)
    {
        if ((long)_wanted.Width * _wanted.Height <= HugePixels)
        {
            WholeNow(sink);
            return;
        }
        lock (OneHugeAtATime)
            WholeNow(sink);
    }

    private void WholeNow(IPictureSink sink)
    {
        using var memory = new PixelMemory(_wanted.Height, _wanted.RowBytes);
        var result = _codec.GetPixels(_wanted, memory.Address);
        if (result != SKCodecResult.Success)
            throw new PictureException(_name, Reason(result));
        sink.Begin(_wanted.Width, _wanted.Height);
        for (var y = 0; y < _wanted.Height; y++)
            Give(memory.Row(y), sink);
    }

    private void Give(ReadOnlySpan<byte> rgba, IPictureSink sink)
    {
        DropAlpha(rgba, _row);
        sink.Row(_row);
    }

    private static void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        // Four pixels as 16 bytes, of which the next four overwrite what is no pixel; the last ones one by one.
        var (from, to) = (0, 0);
        for (; to + Vector128<byte>.Count <= rgb.Length; from += 16, to += 12)
        {
            Vector128.Shuffle(
                Vector128.Create(rgba.Slice(from, 16)),
                Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0)).CopyTo(rgb[to..]);
        }
        for (; to < rgb.Length; from += 4, to += 3)
            rgba.Slice(from, 3).CopyTo(rgb[to..]);
    }

    private static string Reason(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => "the picture is truncated",
        SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => "the picture's data is corrupt",
        _ => $"the picture cannot be decoded ({result})",
    };
}
