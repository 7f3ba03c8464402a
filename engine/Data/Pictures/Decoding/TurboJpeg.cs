using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// libjpeg-turbo's TurboJPEG library where the system has one: the decoder that Skia has too, but with its SIMD code,
/// so that a JPEG takes less than half of the time, to the very same bytes for what encoders write (damaged
/// coefficients beyond 8 bits saturate here and wrap around there). Whatever it does not decode without a warning is
/// left to Skia, which then says what is wrong. Functions and numbers: turbojpeg.h of versions 1.2 to 3.
/// </summary>
/// <remarks>Threads: any number; each picture has a decoder.</remarks>
internal sealed unsafe class TurboJpeg
{
    // A whole picture is decoded at once: larger ones come from Skia in bands.
    private const long MostPixels = 4 << 20;
    private const int ColorSpaceYCbCr = 1, ColorSpaceGray = 2, PixelFormatRgb = 0, AccurateDct = 4096;

    private static readonly Lazy<TurboJpeg?> Found = new(Open);

    private readonly delegate* unmanaged[Cdecl]<nint> _begin;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, CULong, int*, int*, int*, int*, int> _header;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, CULong, byte*, int, int, int, int, int, int> _decode;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _end;

    private TurboJpeg(nint library)
    {
        _begin = (delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(library, "tjInitDecompress");
        _header = (delegate* unmanaged[Cdecl]<nint, byte*, CULong, int*, int*, int*, int*, int>)
            NativeLibrary.GetExport(library, "tjDecompressHeader3");
        _decode = (delegate* unmanaged[Cdecl]<nint, byte*, CULong, byte*, int, int, int, int, int, int>)
            NativeLibrary.GetExport(library, "tjDecompress2");
        _end = (delegate* unmanaged[Cdecl]<nint, int>)NativeLibrary.GetExport(library, "tjDestroy");
    }

    /// <summary>The library; null if the system has none that can be used.</summary>
    public static TurboJpeg? Instance => Found.Value;

    /// <summary>What decodes JPEGs here, and what would do it faster: one line.</summary>
    public static string Note => Instance is not null
        ? $"JPEGs are decoded by libjpeg-turbo ({FileName})"
        : $"JPEGs are decoded by Skia; libjpeg-turbo with SIMD takes less than half of the time: install {FileName} "
            + $"(Debian and Ubuntu: libturbojpeg0 or libturbojpeg; Fedora: turbojpeg; Homebrew: jpeg-turbo)";

    private static string FileName => OperatingSystem.IsWindows() ? "turbojpeg.dll"
        : OperatingSystem.IsMacOS() ? "libturbojpeg.dylib" : "libturbojpeg.so.0";

    /// <summary>Decodes a whole JPEG of YCbCr or grey.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="size">The size that its header says.</param>
    /// <param name="sink">Receives the rows, unless this fails.</param>
    /// <returns>False: nothing was given to the sink; let Skia decode it.</returns>
    public bool TryDecode(ReadOnlySpan<byte> file, SKSizeI size, IPictureSink sink)
    {
        if ((long)size.Width * size.Height > MostPixels)
            return false;
        var stride = size.Width * 3;
        var pixels = ArrayPool<byte>.Shared.Rent(stride * size.Height);
        try
        {
            if (!Decode(file, size, pixels))
                return false;
            sink.Begin(size.Width, size.Height);
            for (var y = 0; y < size.Height; y++)
                sink.Row(pixels.AsSpan(y * stride, stride));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }
    }

    private bool Decode(ReadOnlySpan<byte> file, SKSizeI size, byte[] pixels)
    {
        var decoder = _begin();
        if (decoder == 0)
            return false;
        try
        {
            var length = new CULong((uint)file.Length);
            int width, height, sampling, colors;
            fixed (byte* bytes = file, to = pixels)
            {
                return _header(decoder, bytes, length, &width, &height, &sampling, &colors) == 0
                    && width == size.Width && height == size.Height
                    && colors is (ColorSpaceYCbCr or ColorSpaceGray)
                    && _decode(
                        decoder, bytes, length, to, width, width * 3, height, PixelFormatRgb, AccurateDct) == 0;
            }
        }
        finally
        {
            _ = _end(decoder);
        }
    }

    private static TurboJpeg? Open()
    {
        if (!NativeLibrary.TryLoad(
            FileName, typeof(TurboJpeg).Assembly,
            DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory, out var library))
        {
            return null;
        }
        try
        {
            return new TurboJpeg(library);
        }
        catch (EntryPointNotFoundException)
        {
            return null; // another library of that name, or one that is too old: Skia decodes
        }
    }
}
