using System.CommandLine;
using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Which loss is trained with, and the constants of those that are not the selective one.</summary>
internal sealed class LossOptions
{
    private const string Selective = "selective";

    private readonly Option<string> _loss = Options.Choice(
        "--loss", Selective, "The loss; the selective one has options of its own, the others --loss-constants",
        [Selective, .. PartialLossDescription.Names]);
    private readonly Option<string> _preset = Options.Choice(
        "--loss-preset", "none", "Published constants of a loss, each changed by its own option or --loss-constants",
        ["none", .. LossPresets.Names]);
    private readonly Option<string?> _constants = new("--loss-constants")
    {
        Description = "Constants of another loss than the selective one, as margin=0.5,gamma=1: "
            + string.Join("; ", PartialLossDescription.Names.Select(ConstantsOf).Where(text => text.Length > 0)) + ".",
        HelpName = "name=value,...",
    };

    /// <summary>The option that names the loss.</summary>
    public Option<string> Loss => _loss;

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_loss, _preset, _constants];

    /// <summary>The given options, and those from elsewhere for the rest.</summary>
    /// <exception cref="InputException">Two options contradict each other; names both.</exception>
    public TrainerOptions Merge(ParseResult parsed, TrainerOptions otherwise)
    {
        var preset = parsed.IsGiven(_preset) && parsed.GetRequiredValue(_preset) is var given and not "none"
            ? LossPresets.Find(given)
            : null;
        var options = preset is null ? otherwise : otherwise with
        {
            LossPreset = preset.Name,
            Loss = preset.Options ?? otherwise.Loss,
            CustomLoss = preset.Options is null ? preset.Loss : null,
        };
        if (parsed.IsGiven(_loss))
            options = Named(parsed.GetRequiredValue(_loss), preset, options);
        return parsed.IsGiven(_constants) ? WithConstants(parsed.GetRequiredValue(_constants)!, options) : options;
    }

    // hill lambda, margin, gamma
    private static string ConstantsOf(string loss) =>
        PartialLossConstant.Of(PartialLossDescription.Of(loss).Options.Kind) is { Count: > 0 } constants
            ? $"{loss} {string.Join(", ", constants.Select(constant => constant.Name))}"
            : "";

    // The loss of a name: as it is there if it is there, or else as published.
    private TrainerOptions Named(string name, LossPreset? preset, TrainerOptions options)
    {
        if (options.Objective.Name == name)
            return options;
        if (preset is not null)
        {
            throw new InputException($"{_loss.Name} {name} and {_preset.Name} {preset.Name}: the preset is of the loss "
                + $"{preset.Loss.Name}; leave one of the two out");
        }
        return options with
        {
            LossPreset = null,
            CustomLoss = name == Selective ? null : PartialLossDescription.Of(name),
        };
    }

    private TrainerOptions WithConstants(string text, TrainerOptions options)
    {
        if (options.CustomLoss is not PartialLossDescription loss)
        {
            throw new InputException($"{_constants.Name}: the loss {options.Objective.Name} has none; leave it out, or "
                + $"choose one of {string.Join(", ", PartialLossDescription.Names)} with {_loss.Name}");
        }
        foreach (var constant in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = constant.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length != 2
                || !float.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                throw new InputException(
                    $"{_constants.Name} {constant}: write name=value with a number, as in margin=0.5");
            }
            loss = loss.With(parts[0], value);
        }

        return options with { CustomLoss = loss };
    }
}
