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
        [Selective, .. PartialLossDescription.Names, SoftTargetLoss.LossName]);
    private readonly Option<string> _preset = Options.Choice(
        "--loss-preset", "none", "Published constants of a loss, each changed by its own option or --loss-constants",
        ["none", .. LossPresets.Names]);
    private readonly Option<string?> _constants = new("--loss-constants")
    {
        Description = "Constants of another loss than the selective one, as margin=0.5,gamma=1: "
            + string.Join("; ", PartialLossDescription.Names.Select(ConstantsOf).Where(text => text.Length > 0)) + ".",
        HelpName = "name=value,...",
    };

    private readonly Option<string?> _pseudo = Options.OptionalPath(
        "--pseudo-labels", "Scores of another model for labels that are unknown, a CSV file with the columns filename, "
            + "class, score; the loss is then soft-targets.");

    private readonly Option<double> _smoothing = Options.Number(
        "--label-smoothing", 0, "With a grouped head: share of a known class' target that is spread over all classes "
            + "of its attribute, below 1.", 0, 0.999);

    private readonly SelfLabelOptions _self = new();

    /// <summary>The option that names the loss.</summary>
    public Option<string> Loss => _loss;

    /// <summary>Those of labels that a training gives itself.</summary>
    public IReadOnlyList<Option> SelfLabels => _self.All;

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_loss, _preset, _constants, _pseudo, .. _self.All, _smoothing];

    /// <summary>The given options, and those from elsewhere for the rest.</summary>
    /// <exception cref="InputException">Two options contradict each other; names both.</exception>
    public TrainerOptions Merge(ParseResult parsed, TrainerOptions otherwise)
    {
        var preset = parsed.IsGiven(_preset) && parsed.GetRequiredValue(_preset) is var given and not "none"
            ? LossPresets.Find(given)
            : null;
        if (parsed.IsGiven(_smoothing))
            otherwise = otherwise with { LabelSmoothing = parsed.GetValue(_smoothing) };
        var options = preset is null ? otherwise : otherwise with
        {
            LossPreset = preset.Name,
            Loss = preset.Options ?? otherwise.Loss,
            CustomLoss = preset.Options is null ? preset.Loss : null,
        };
        if (parsed.IsGiven(_loss))
            options = Named(parsed.GetRequiredValue(_loss), preset, options);
        if (parsed.IsGiven(_constants))
            options = WithConstants(parsed.GetRequiredValue(_constants)!, options);
        options = WithSelfLabels(parsed, options);
        return parsed.IsGiven(_pseudo) ? WithPseudoLabels(parsed, options) : options;
    }

    // As published, a label that gets no pseudo-label either has no term; a loss, preset or mode that is given wins.
    private TrainerOptions WithSelfLabels(ParseResult parsed, TrainerOptions options)
    {
        var cap = _self.Merge(parsed, options.Cap);
        var isNew = cap is not null && options.Cap is null;
        return options with
        {
            Cap = cap,
            Loss = isNew && options.CustomLoss is null && options.LossPreset is null
                ? options.Loss with { Mode = PartialLossMode.Ignore }
                : options.Loss,
        };
    }

    private TrainerOptions WithPseudoLabels(ParseResult parsed, TrainerOptions options)
    {
        var given = parsed.IsGiven(_loss) ? _loss : parsed.IsGiven(_preset) ? _preset : null;
        if (given is not null && options.CustomLoss is not SoftTargetLoss.Description)
        {
            parsed.RefuseBoth(
                _pseudo, given, $"only the loss {SoftTargetLoss.LossName} reads scores");
        }
        return options with
        {
            LossPreset = null,
            CustomLoss = new SoftTargetLoss.Description(),
            PseudoLabels = PseudoLabelFile.Of(parsed.GetRequiredValue(_pseudo)!),
        };
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
            CustomLoss = name switch
            {
                Selective => null,
                SoftTargetLoss.LossName => new SoftTargetLoss.Description(),
                _ => PartialLossDescription.Of(name),
            },
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
