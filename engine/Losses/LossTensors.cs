namespace Flixstock.Engine;

/// <summary>The tensors that a <see cref="Loss"/> reads in a step.</summary>
/// <param name="Logits">[N, classes] scores.</param>
/// <param name="Labels">
/// [N, classes] of <see cref="Loss.LabelType"/>: 1, 0, -1 unknown; soft targets may lie between 0 and 1.
/// </param>
/// <param name="Position">
/// [2] Int32, epoch and step of the training, both from 1; <see cref="ReadOnlyTensor.None"/> unless
/// <see cref="Loss.NeedsPosition"/>.
/// </param>
public readonly record struct LossInput(ReadOnlyTensor Logits, ReadOnlyTensor Labels, ReadOnlyTensor Position);

/// <summary>The tensors that a <see cref="Loss"/> writes in a step.</summary>
/// <param name="Value">[1] the loss, a sum over the batch.</param>
/// <param name="Gradient">[N, classes] its gradient by the logits.</param>
/// <param name="Weights">
/// [N, classes] factor of each label's term, 0 for a label that was left out; <see cref="Tensor.None"/> if it is not
/// needed.
/// </param>
public readonly record struct LossOutput(Tensor Value, Tensor Gradient, Tensor Weights);

/// <summary>A tensor that a loss keeps between steps.</summary>
/// <param name="Name">Its name in a run's state; unique in the loss.</param>
/// <param name="Values">Float32, in the memory of the loss's device.</param>
public readonly record struct LossStatistic(string Name, Tensor Values);
