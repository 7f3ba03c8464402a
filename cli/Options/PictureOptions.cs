using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The options of every command that reads pictures: what a picture may be.</summary>
/// <param name="session">Is told what holds for the whole command.</param>
internal sealed class PictureOptions(Session session)
{
    private const double Million = 1e6;

    private readonly Option<double> _most = Options.Number(
        "--max-pixels", Math.Ceiling(PictureReading.StandardPixels / Million * 1000) / 1000,
        "Pictures with more millions of pixels are refused before they are decoded.", 0,
        PictureReading.MostPixels / Million, above: true);

    private readonly Option<bool> _scaled = Options.Flag(
        "--scaled-decoding",
        "Decode JPEGs of at least twice the size that is needed at a part of theirs: up to 2.2 times as fast, but "
            + "other pixels, on photos by 0.3 to 3.1 of 255 levels on average and up to 54.");

    /// <summary>Of commands that score pictures.</summary>
    public static Option<bool> Flip() => Options.Flag(
        "--flip", "Score each picture and its mirror image, and take the mean of the logits: twice the time.");

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_most, _scaled];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    /// <summary>The limits that the command line gives.</summary>
    public PictureReading Read(ParseResult parsed) => session.Pictures = new PictureReading
    {
        MaxPixels = parsed.IsGiven(_most)
            ? (long)(parsed.GetValue(_most) * Million)
            : PictureReading.StandardPixels,
        Scaled = parsed.GetValue(_scaled),
        Waiting = session.Waiting,
    };
}
