using System.Text.Json.Serialization;

namespace Flixstock.Engine;

// Labels that a training gives itself.
public sealed partial record TrainerOptions
{
    private const string CapPositives = "Cap.Positives", CapNegatives = "Cap.Negatives", CapWarmup = "Cap.Warmup";

    /// <summary>
    /// Pseudo-labels by the weight average and the classes' shares; null: none. The shares are those of
    /// <see cref="PriorPath"/>, or without it those of the annotated labels.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CapOptions? Cap { get; init; }

    private bool ChangesLabels =>
        CustomLoss is PartialLossDescription { Options.Kind: PartialLossKind.EmApl or PartialLossKind.LargeLossCp };

    private void ValidateSelfLabels()
    {
        Require(
            PseudoLabels is null || (Cap is null && !ChangesLabels), PseudoLabels?.Path,
            "the training gives itself labels already: leave one of the two out", nameof(PseudoLabels));
        if (CustomLoss is PartialLossDescription { Options: { Kind: PartialLossKind.EmApl, Warmup: var warmup } })
        {
            Require(
                warmup < Epochs, $"warmup={warmup}", $"give less than {new Term(nameof(Epochs))} {Epochs}",
                nameof(CustomLoss));
        }
        if (Cap is not { } cap)
            return;
        Require(
            Head == HeadKind.Sigmoid, "cap", $"{Term.Head} grouped labels one class of each attribute: leave one of the "
                + $"two out", nameof(Cap));
        Require(
            !ChangesLabels, "cap", $"the loss '{CustomLoss?.Name}' gives labels itself: leave one of the two out",
            nameof(Cap));
        Require(cap.Positives is >= 0 and <= 1, cap.Positives, "give a number from 0 to 1", CapPositives);
        Require(cap.Negatives is >= 0 and <= 1, cap.Negatives, "give a number from 0 to 1", CapNegatives);
        Require(
            cap.Positives + cap.Negatives > 0, cap.Positives,
            $"with {new Term(CapNegatives)} 0 no label is given: give one of them above 0", CapPositives);
        Require(cap.Warmup >= 1, cap.Warmup, "give at least 1", CapWarmup);
        Require(cap.Warmup < Epochs, cap.Warmup, $"give less than {new Term(nameof(Epochs))} {Epochs}", CapWarmup);
    }
}
