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
    private readonly Option<string> _head = Options.Choice(
        "--head", "sigmoid", "Every class by itself as published, or one class of each attribute by softmax",
        "sigmoid", "grouped");

    /// <summary>What is changed at random.</summary>
    public static Option<string> Augment() => Options.Choice(
        "--augment", "none", "What is changed at random each time a picture comes", "none", "garments", "randaugment");

    /// <summary>The option that names the loss.</summary>
    public Option<string> Loss => _loss.Loss;

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [.. _loss.All, _balance, _balanceThreshold, _augment, _head];

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
            Head = EnumNames.Parse<HeadKind>(Given(_head, otherwise.Head.ToString()), _head.Name),
        };
    }
}
