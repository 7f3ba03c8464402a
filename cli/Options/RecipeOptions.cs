using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// Options of training that the reference project does not have as options: other losses, sampling, augmentation, the
/// head.
/// </summary>
internal sealed class RecipeOptions
{
    private readonly LossOptions _loss = new();
    private readonly Option<string> _balance = Options.Choice(
        "--balance", "none", "How often pictures come: every one once an epoch, or those with rare classes more often",
        "none", "sampler");
    private readonly Option<double?> _balanceThreshold = Options.OptionalNumber(
        "--balance-threshold",
        "Share of the pictures below which a class is rare, for the sampler; without it that of the commonest class.",
        0, 1);
    private readonly Option<string> _augment = Augment();
    private readonly Option<double> _spliceMix = SpliceMix();
    private readonly Option<string> _head = Options.Choice(
        "--head", "sigmoid", "Every class by itself as published, or one class of each attribute by softmax; both also "
            + "with an attention head in the place of the linear layer",
        "sigmoid", "grouped", "ml-decoder", "ml-decoder-grouped");
    private readonly Option<int?> _queries = Options.OptionalInteger(
        "--decoder-queries", "Queries of the attention head, never more than classes; without it 100.", 1, 100_000);
    private readonly Option<int?> _width = Options.OptionalInteger(
        "--decoder-width", "Length of the attention head's vectors, a multiple of 8; without it 768.", 8, 65_536);
    private readonly Option<double?> _dropout = Options.OptionalNumber(
        "--decoder-dropout", "Share of the attention head's values that training sets to zero; without it 0.1.", 0, 1);

    private readonly Option<double?> _boost = Options.OptionalNumber(
        "--boost", "Score every pixel, multiply scores above 0 with this, then take the mean (BoostLU; the paper has 5).",
        1, 1000);

    /// <summary>What is changed at random.</summary>
    public static Option<string> Augment() => Options.Choice(
        "--augment", "none", "What is changed at random each time a picture comes", "none", "garments", "randaugment");

    /// <summary>How many mixed pictures there are.</summary>
    public static Option<double> SpliceMix() => Options.Number(
        "--splice-mix", 0, "Mixed pictures that a batch gets in addition, for each of its own: some of the batch in a "
            + "grid, with the union of their labels; published: 0.25.", 0, 1);

    /// <summary>The option that names the loss.</summary>
    public Option<string> Loss => _loss.Loss;

    /// <summary>Those of labels that a training gives itself between epochs.</summary>
    public IReadOnlyList<Option> SelfLabels => _loss.SelfLabels;

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All =>
    [
        .. _loss.All, _balance, _balanceThreshold, _augment, _spliceMix, _head, _queries, _width, _dropout,
        _boost,
    ];

    /// <summary>
    /// The given options, and the defaults from elsewhere for the rest; a preset's constants are in the loss.
    /// </summary>
    public TrainerOptions Merge(ParseResult parsed, TrainerOptions otherwise)
    {
        T Given<T>(Option<T> option, T value) =>
            parsed.IsGiven(option) ? parsed.GetValue(option)! : value;
        return _loss.Merge(parsed, otherwise) with
        {
            Balance = EnumNames.Parse<SampleBalance>(Given(_balance, otherwise.Balance.ToString()), _balance.Name),
            BalanceThreshold = Given(_balanceThreshold, otherwise.BalanceThreshold),
            Augmentation = EnumNames.Parse<AugmentationKind>(
                Given(_augment, otherwise.Augmentation.ToString()), _augment.Name),
            SpliceMix = Given(_spliceMix, otherwise.SpliceMix),
            Head = parsed.IsGiven(_head)
                ? parsed.GetRequiredValue(_head).EndsWith("grouped", StringComparison.Ordinal)
                    ? HeadKind.Grouped
                    : HeadKind.Sigmoid
                : otherwise.Head,
            Decoder = Decoder(parsed, otherwise.Decoder),
            Boost = Given(_boost, otherwise.Boost),
        };
    }

    private MlDecoderOptions? Decoder(ParseResult parsed, MlDecoderOptions? otherwise)
    {
        var wanted = parsed.IsGiven(_head)
            ? parsed.GetRequiredValue(_head).StartsWith("ml-decoder", StringComparison.Ordinal)
            : otherwise is not null;
        if (!wanted)
        {
            parsed.RefuseAny([_queries, _width, _dropout], "it is for --head ml-decoder");
            return null;
        }
        var known = otherwise ?? new MlDecoderOptions();
        var options = new MlDecoderOptions(
            parsed.GetValue(_queries) ?? known.Queries, parsed.GetValue(_width) ?? known.Width,
            parsed.GetValue(_dropout) ?? known.Dropout);
        options.Validate();
        return options;
    }
}
