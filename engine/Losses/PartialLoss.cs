namespace Flixstock.Engine;

/// <summary>A published loss for labels of which most are unknown: <see cref="PartialLossKind"/>.</summary>
/// <remarks>Threads: one at a time.</remarks>
/// <param name="backend">The device and its kernels.</param>
/// <param name="options">The loss and its constants.</param>
public sealed class PartialLoss(Backend backend, PartialLossOptions options) : Loss(backend)
{
    /// <inheritdoc />
    public override HeadKind Head => HeadKind.Sigmoid;

    /// <inheritdoc />
    public override ElementType LabelType => options.LabelType;

    // The largest losses are chosen from the whole batch.
    /// <inheritdoc />
    public override bool CouplesPictures => options.RanksLosses;

    /// <inheritdoc />
    public override bool NeedsPosition => options.ReadsPosition;

    /// <inheritdoc />
    protected override void ComputeCore(LossInput input, LossOutput output) => Backend.Kernels.PartialLoss(
        input.Logits, input.Labels, input.Position, options, output.Value, output.Gradient);

    /// <inheritdoc />
    public override Loss On(Backend backend) => new PartialLoss(backend, options);
}
