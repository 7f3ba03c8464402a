namespace Flixstock.Engine;

/// <summary>How a training labels what nobody has labelled.</summary>
internal interface ISelfLabelRule
{
    /// <summary>True if the pseudo-labels are probabilities, not positives and negatives.</summary>
    bool IsSoft { get; }

    /// <summary>One line on what it cannot do for these labels; null if there is nothing to say.</summary>
    string? Note => null;

    /// <summary>
    /// Whose scores of the training pictures are needed when an epoch ends; null: there is nothing to decide by them.
    /// </summary>
    /// <param name="epoch">The epoch that ends, from 1.</param>
    WeightsKind? ScoredBy(int epoch);

    /// <summary>Looks at a step that was taken.</summary>
    /// <param name="step">Its scores.</param>
    /// <param name="epoch">Its epoch, from 1.</param>
    /// <param name="table">The labels, which steps of the same epoch must not see changed.</param>
    void EndStep(StepScores step, int epoch, SelfLabelTable table)
    {
    }

    /// <summary>Changes labels for the next epoch.</summary>
    /// <param name="epoch">The epoch that ends, from 1.</param>
    /// <param name="scores">[pictures, classes] logits by <see cref="ScoredBy"/>; null without.</param>
    /// <param name="table">The labels.</param>
    void EndEpoch(int epoch, float[]? scores, SelfLabelTable table);
}
