using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The options of packing pixels instead of pictures.</summary>
internal sealed class RawOptions
{
    private static readonly PicturePreparation Standard = new(224);

    private readonly Option<bool> _raw = Options.Flag(
        "--raw", "Pack pixels: pictures decoded and resized, so that reading them is a copy.");
    private readonly Option<int> _size = Options.Integer(
        "--image-size", Standard.ImageSize, "With --raw: height and width in pixels.", 1, 4096);
    private readonly Option<string> _resize = Options.Choice(
        "--resize", "bilinear", "With --raw, how pictures are resized (train knows bilinear only)", "bilinear", "bicubic");
    private readonly Option<bool> _rotate = Options.Flag(
        "--exif-rotate", "With --raw: turn pictures as their EXIF orientation says.");
    private readonly Option<int> _workers = Options.Workers();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _raw, _size, _resize, _rotate, _workers })
            command.Add(option);
    }

    /// <summary>What is to be packed.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="pictures">The options of decoding, which mean nothing without --raw.</param>
    /// <exception cref="InputException">An option of --raw is given without it.</exception>
    public ShardPackerOptions Read(ParseResult parsed, PictureOptions pictures)
    {
        if (!parsed.GetValue(_raw))
        {
            parsed.RefuseAny(
                [_size, _resize, _rotate, _workers, .. pictures.All],
                "pictures are packed byte for byte, and it belongs to --raw");
            return new ShardPackerOptions();
        }
        var preparation = Standard with { ImageSize = parsed.GetValue(_size), ExifRotate = parsed.GetValue(_rotate) };
        return new ShardPackerOptions
        {
            Raw = Options.Resized(preparation, parsed.GetValue(_resize)!),
            Workers = parsed.GetValue(_workers),
        };
    }

    /// <summary>What a training needs to read the pack, after a blank; nothing if it is the standard.</summary>
    public static string OfTraining(PicturePreparation? raw) => raw is { } made
        ? (made.ImageSize == Standard.ImageSize ? "" : $" --image-size {made.ImageSize}")
            + (made.ExifRotate ? " --exif-rotate" : "")
        : "";
}
