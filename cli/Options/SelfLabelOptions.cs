using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Labels that a training gives itself.</summary>
internal sealed class SelfLabelOptions
{
    private const string None = "none", Cap = "cap";
    private static readonly CapOptions Standard = new();

    private readonly Option<string> _kind = Options.Choice(
        "--self-labels", None, "Labels that the training gives itself between epochs where nobody gave any: those that "
            + "the weight average scores highest and lowest, by each class' share of positives", None, Cap);
    private readonly Option<double> _positives = Options.Number(
        "--cap-positives", Standard.Positives, "Pseudo-positives, as a factor on a class' share of the unknown labels.",
        0, 1);
    private readonly Option<double> _negatives = Options.Number(
        "--cap-negatives", Standard.Negatives, "The same for pseudo-negatives and the rest of the unknown labels.",
        0, 1);
    private readonly Option<int> _warmup = Options.Integer(
        "--cap-warmup", Standard.Warmup, "Epochs before the first pseudo-labels.", 1, 1_000_000);

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_kind, _positives, _negatives, _warmup];

    /// <summary>The given options, and those from elsewhere for the rest.</summary>
    /// <exception cref="InputException">A constant is given without pseudo-labels.</exception>
    public CapOptions? Merge(ParseResult parsed, CapOptions? otherwise)
    {
        if (parsed.IsGiven(_kind) ? parsed.GetRequiredValue(_kind) != Cap : otherwise is null)
        {
            parsed.RefuseAny([_positives, _negatives, _warmup], $"it is for {_kind.Name} {Cap}");
            return null;
        }
        var known = otherwise ?? Standard;
        return new CapOptions(
            parsed.IsGiven(_positives) ? parsed.GetValue(_positives) : known.Positives,
            parsed.IsGiven(_negatives) ? parsed.GetValue(_negatives) : known.Negatives,
            parsed.IsGiven(_warmup) ? parsed.GetValue(_warmup) : known.Warmup);
    }
}
