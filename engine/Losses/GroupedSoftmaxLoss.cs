using System.Text.Json.Nodes;

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
    private readonly double _smoothing;

    /// <summary>The loss.</summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="attributes">Whose classes exclude each other.</param>
    /// <param name="smoothing">Label smoothing of attributes whose class is known, from 0 (none) to below 1.</param>
    /// <exception cref="InputException">The classes of an attribute are independent of each other.</exception>
    public GroupedSoftmaxLoss(Backend backend, AttributeTable attributes, double smoothing = 0)
        : base(backend)
    {
        ProbabilityHead.Require(HeadKind.Grouped, attributes);
        ArgumentOutOfRangeException.ThrowIfNegative(smoothing);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(smoothing, 1);
        (_attributes, _smoothing) = (attributes, smoothing);
        _groups = Own(backend.Device.FromHost<int>(
            attributes.Boundaries(), new Shape(attributes.Groups.Count + 1), ElementType.Int32));
    }

    /// <inheritdoc />
    public override HeadKind Head => HeadKind.Grouped;

    /// <inheritdoc />
    protected override void ComputeCore(LossInput input, LossOutput output) =>
        Backend.Kernels.GroupedSoftmaxLoss(
            input.Logits, input.Labels, _groups, (float)_smoothing, output.Value, output.Gradient);

    /// <inheritdoc />
    public override Loss On(Backend backend) => new GroupedSoftmaxLoss(backend, _attributes, _smoothing);

    /// <summary>Without smoothing: what is known of the pictures is judged as it is.</summary>
    internal override Loss ForValidation(Backend backend) => new GroupedSoftmaxLoss(backend, _attributes);

    /// <summary>The loss, as training options have it.</summary>
    /// <param name="Smoothing">Label smoothing.</param>
    internal sealed record Description(double Smoothing) : ILossDescription
    {
        public string Name => "grouped_softmax";

        public HeadKind Head => HeadKind.Grouped;

        public bool TakesPrior => false;

        public Loss Create(LossContext context) =>
            new GroupedSoftmaxLoss(context.Backend, context.Attributes, Smoothing);

        public string ToJson() => new JsonObject { ["smoothing"] = Smoothing }.ToJsonString();
    }
}
