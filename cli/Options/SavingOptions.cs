using System.CommandLine;
using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// Options of training about what is kept on the disk to continue from. None of them changes a run's numbers.
/// </summary>
internal sealed class SavingOptions
{
    private static readonly TrainerOptions Standard = new();

    private readonly Option<SaveEvery> _every = new("--save-every")
    {
        Description = "Save the state to continue from within an epoch too: after a number of steps (500) or a time "
            + "(30s, 5m, 2h).",
        HelpName = "steps|time",
        DefaultValueFactory = _ => new SaveEvery(null, Standard.SaveInterval),
        CustomParser = result => SaveEvery.Parse(result.Tokens.Count > 0 ? result.Tokens[0].Value : "")
            ?? Wrong(result),
    };

    private readonly Option<int> _keep = Options.Integer(
        "--keep", Standard.KeepStates,
        "States kept to continue from: 0, none but that of a run that is stopped; 1, the newest; 2, also "
            + "the one before.",
        0, 2);

    private readonly Option<string> _onNan = Options.Choice(
        "--on-nan", "stop",
        "When the loss of a batch is not finite: stop there, to be continued, or leave the batch out", "stop", "skip");

    private readonly Option<bool> _histograms = Options.Flag(
        "--log-histograms", "The event file also has a histogram of every tensor of the weights, by epoch.");

    private readonly Option<bool> _pictures = Options.Flag(
        "--log-pictures", "The event file also has 8 validation pictures with the network's answers, by epoch.");

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_every, _keep, _onNan, _histograms, _pictures];

    /// <summary>The options given, and what is said otherwise for the rest.</summary>
    public TrainerOptions Merge(ParseResult parsed, TrainerOptions otherwise)
    {
        if (parsed.IsGiven(_every))
        {
            var every = parsed.GetValue(_every)!;
            otherwise = otherwise with { SaveSteps = every.Steps, SaveInterval = every.Time ?? Standard.SaveInterval };
        }

        if (parsed.IsGiven(_keep))
        {
            var keep = parsed.GetValue(_keep);
            otherwise = otherwise with { KeepResumeState = keep > 0, KeepStates = Math.Max(1, keep) };
        }

        if (parsed.IsGiven(_histograms))
            otherwise = otherwise with { LogHistograms = parsed.GetValue(_histograms) };
        if (parsed.IsGiven(_pictures))
            otherwise = otherwise with { LogPictures = parsed.GetValue(_pictures) };

        return parsed.IsGiven(_onNan)
            ? otherwise with { OnNonFinite = EnumNames.Parse<NonFiniteAction>(parsed.GetValue(_onNan)!, _onNan.Name) }
            : otherwise;
    }

    private static SaveEvery Wrong(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError($"--save-every '{(result.Tokens.Count > 0 ? result.Tokens[0].Value : "")}': give a number of "
            + $"steps, or a time as 30s, 5m or 2h");
        return new SaveEvery(null, Standard.SaveInterval);
    }
}

/// <summary>How often a state is saved: by steps, or by time.</summary>
internal sealed record SaveEvery(int? Steps, TimeSpan? Time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>
    /// Reads <c>500</c>, <c>30s</c>, <c>5m</c> or <c>2h</c>; null: it is none of them, or an interval that cannot be
    /// waited for.
    /// </summary>
    public static SaveEvery? Parse(string text)
    {
        text = text.Trim();
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var steps))
            return steps > 0 ? new SaveEvery(steps, null) : null;
        if (text.Length < 2 || !double.TryParse(
            text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }
        double? seconds = char.ToLowerInvariant(text[^1]) switch
        {
            's' => number,
            'm' => number * 60,
            'h' => number * 3600,
            _ => null,
        };
        return seconds is > 0 && seconds <= Longest.TotalSeconds
            ? new SaveEvery(null, TimeSpan.FromSeconds(seconds.Value))
            : null;
    }

    /// <inheritdoc />
    public override string ToString() => Steps is { } steps ? steps.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Time!.Value.TotalMinutes:0.###}m");
}
