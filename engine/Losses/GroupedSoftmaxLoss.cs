namespace Flixstock.Engine;

/// <summary>
/// Softmax cross entropy of each attribute, over the classes that its known labels allow:
/// <see cref="IKernels.GroupedSoftmaxLoss"/>.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class GroupedSoftmaxLoss : Loss
{
    private readonly AttributeTable _attributes;
    private readonly Tensor _groups;

    /// <summary>The loss.</summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="attributes">Whose classes exclude each other.</param>
    /// <exception cref="InputException">The classes of an attribute are independent of each other.</exception>
    public GroupedSoftmaxLoss(Backend backend, AttributeTable attributes)
        : base(backend)
    {
        ProbabilityHead.Require(HeadKind.Grouped, attributes);
        _attributes = attributes;
        _groups = Own(backend.Device.FromHost<int>(
            attributes.Boundaries(), new Shape(attributes.Groups.Count + 1), ElementType.Int32));
    }

    /// <inheritdoc />
    public override HeadKind Head => HeadKind.Grouped;

    /// <inheritdoc />
    protected override void ComputeCore(LossInput input, LossOutput output) =>
        Backend.Kernels.GroupedSoftmaxLoss(input.Logits, input.Labels, _groups, output.Value, output.Gradient);

    /// <inheritdoc />
    public override Loss On(Backend backend) => new GroupedSoftmaxLoss(backend, _attributes);

    /// <summary>The loss, as training options have it: it has no constants.</summary>
    internal sealed record Description : ILossDescription
    {
        public string Name => "grouped_softmax";

        public HeadKind Head => HeadKind.Grouped;

        public bool TakesPrior => false;

        public Loss Create(LossContext context) => new GroupedSoftmaxLoss(context.Backend, context.Attributes);

        public string ToJson() => "{}";
    }
}
