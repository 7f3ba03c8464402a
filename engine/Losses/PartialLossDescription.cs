using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>
/// A <see cref="PartialLoss"/> with its constants, for <c>TrainerOptions.CustomLoss</c>: it is saved in a run's files,
/// with the constants that the loss uses.
/// </summary>
/// <param name="Options">The loss and its constants; the epochs are those of the training.</param>
public sealed record PartialLossDescription(PartialLossOptions Options) : ILossDescription
{
    private static readonly (PartialLossKind Kind, string Name, string Source)[] Known =
    [
        (PartialLossKind.Hill, "hill", Zhang), (PartialLossKind.Splc, "splc", Zhang),
        (PartialLossKind.Em, "em", $"{Zhou}losses.py of Correr-Zhou/SPML-AckTheUnknown, without pseudo-labels"),
        (PartialLossKind.EmApl, "em-apl", $"{Zhou}losses.py and main.py of Correr-Zhou/SPML-AckTheUnknown"),
        (PartialLossKind.Gr, "gr", "Chen et al., \"Boosting Single Positive Multi-label Classification with Generalized "
            + "Robust Loss\", 2024: losses.py, models.py and train.py of yan4xi1/GRLoss"),
        (PartialLossKind.Wan, "wan", "Cole et al., \"Multi-Label Learning from Single Positive Labels\", 2021: "
            + "losses.py of elijahcole/single-positive-multi-label"),
        (PartialLossKind.LargeLossR, "large-loss-r", Kim), (PartialLossKind.LargeLossCt, "large-loss-ct", Kim),
        (PartialLossKind.LargeLossCp, "large-loss-cp", Kim),
    ];

    private const string Zhang = "Zhang et al., \"Simple and Robust Loss Design for Multi-Label Learning with Missing "
        + "Labels\", 2021: src/loss_functions/losses.py of xinyu1205/robust-loss-mlml";

    private const string Zhou = "Zhou et al., \"Acknowledging the Unknown for Multi-label Learning with Single Positive "
        + "Labels\", 2022: ";

    private const string Kim = "Kim et al., \"Large Loss Matters in Weakly Supervised Multi-Label Classification\", "
        + "2022: losses.py and train.py of snucml/LargeLossMatters";

    /// <summary>The names of all these losses.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(known => known.Name)];

    /// <inheritdoc />
    public string Name => Known.First(known => known.Kind == Options.Kind).Name;

    /// <summary>The publication of the loss, and the file that has its formula.</summary>
    public string Source => Known.First(known => known.Kind == Options.Kind).Source;

    /// <inheritdoc />
    public HeadKind Head => HeadKind.Sigmoid;

    /// <inheritdoc />
    public bool TakesPrior => false;

    /// <summary>A loss with its published constants.</summary>
    /// <exception cref="InputException">No loss has this name.</exception>
    public static PartialLossDescription Of(string name) => Names.Contains(name)
        ? new(new PartialLossOptions(Known.First(known => known.Name == name).Kind))
        : throw new InputException($"the loss '{name}': choose one of {string.Join(", ", Names)}");

    /// <summary>The same loss with another value of one of its constants.</summary>
    /// <param name="constant">Name of the constant.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="InputException">The loss has no such constant, or the value is out of its range.</exception>
    public PartialLossDescription With(string constant, float value)
    {
        var constants = PartialLossConstant.Of(Options.Kind);
        var found = constants.FirstOrDefault(one => one.Name == constant) ?? throw new InputException(
            $"{Term.CustomLoss} {constant}: {Name} has {(constants.Count == 0 ? "no constants" : List(constants))}");
        Require(found, value);
        return new PartialLossDescription(found.Set(Options, value));
    }

    /// <inheritdoc />
    public void Validate()
    {
        foreach (var constant in PartialLossConstant.Of(Options.Kind))
            Require(constant, constant.Get(Options));
    }

    /// <inheritdoc />
    public Loss Create(LossContext context) =>
        new PartialLoss(context.Backend, Options with { Epochs = Math.Max(context.Epochs, 1) });

    /// <inheritdoc />
    public string ToJson() => new JsonObject(PartialLossConstant.Of(Options.Kind).Select(
        constant => KeyValuePair.Create(constant.Name, (JsonNode?)constant.Get(Options)))).ToJsonString();

    /// <summary>The reverse of <see cref="LossCatalog.ToJson"/>; what is left out is as published.</summary>
    /// <exception cref="InputException">A property is none of the loss's constants, or is no number.</exception>
    internal static PartialLossDescription FromJson(string name, string json)
    {
        var loss = Of(name);
        using var document = JsonDocument.Parse(json);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.Name == LossCatalog.NameKey)
                continue;
            loss = property.Value.ValueKind == JsonValueKind.Number
                ? loss.With(property.Name, property.Value.GetSingle())
                : throw new InputException(
                    $"{Term.CustomLoss} {property.Name}: {property.Value} is no number; the loss is {name}");
        }

        return loss;
    }

    /// <summary>The loss and its constants in one line.</summary>
    internal string Describe() => string.Join(", ", [
        Name,
        .. PartialLossConstant.Of(Options.Kind).Select(constant => $"{constant.Name} {constant.Get(Options)}"),
    ]);

    private static string List(IEnumerable<PartialLossConstant> constants) =>
        string.Join(", ", constants.Select(constant => constant.Name));

    private static void Require(PartialLossConstant constant, float value)
    {
        if (!constant.Takes(value))
        {
            throw new InputException($"{Term.CustomLoss} {constant.Name}={value}: give a "
                + $"{(constant.IsWhole ? "whole " : "")}number from {constant.Least} to {constant.Most}");
        }
    }
}
