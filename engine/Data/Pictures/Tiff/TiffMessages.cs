using System.Globalization;
using BitMiracle.LibTiff.Classic;

namespace Flixstock.Engine;

/// <summary>
/// Keeps the library's first complaint about a file, which it would otherwise print; every thread decodes one file at a
/// time.
/// </summary>
internal sealed class TiffMessages : TiffErrorHandler
{
    [ThreadStatic]
    private static string? _first;

    static TiffMessages() => Tiff.SetErrorHandler(new TiffMessages());

    private TiffMessages()
    {
    }

    /// <summary>The first complaint since <see cref="Clear"/>, one line; null: none.</summary>
    public static string? First => _first;

    public static void Clear() => _first = null;

    public override void ErrorHandler(Tiff tif, string method, string format, params object[] args) =>
        _first ??= string.Format(CultureInfo.InvariantCulture, format, args).ReplaceLineEndings(" ").TrimEnd('.');

    public override void ErrorHandlerExt(
        Tiff tif, object clientData, string method, string format, params object[] args)
    {
    }

    public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
    {
    }

    public override void WarningHandlerExt(
        Tiff tif, object clientData, string method, string format, params object[] args)
    {
    }
}
