namespace Flixstock.Engine;

/// <summary>
/// Binary cross-entropy with soft targets: known labels are 1 and 0, a pseudo-label is a score between them, and a
/// label that is unknown contributes nothing. The sum over pictures and classes.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
/// <param name="backend">The device and its kernels.</param>
public sealed class SoftTargetLoss(Backend backend) : Loss(backend)
{
    /// <summary>Name of the loss in options and files.</summary>
    public const string LossName = "soft-targets";

    /// <inheritdoc />
    public override HeadKind Head => HeadKind.Sigmoid;

    /// <inheritdoc />
    public override ElementType LabelType => ElementType.Float32;

    /// <inheritdoc />
    protected override void ComputeCore(LossInput input, LossOutput output) =>
        Backend.Kernels.SoftTargetLoss(input.Logits, input.Labels, output.Value, output.Gradient);

    /// <inheritdoc />
    public override Loss On(Backend backend) => new SoftTargetLoss(backend);

    /// <summary>It has no constants.</summary>
    /// <remarks>Threads: any number.</remarks>
    public sealed record Description : ILossDescription
    {
        /// <inheritdoc />
        public string Name => LossName;

        /// <inheritdoc />
        public HeadKind Head => HeadKind.Sigmoid;

        /// <inheritdoc />
        public bool TakesPrior => false;

        /// <inheritdoc />
        public Loss Create(LossContext context)
        {
            ArgumentNullException.ThrowIfNull(context);
            return new SoftTargetLoss(context.Backend);
        }

        /// <inheritdoc />
        public string ToJson() => "{}";
    }
}
