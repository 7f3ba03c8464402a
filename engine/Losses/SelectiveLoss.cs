using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>
/// The class-aware selective loss, and with other constants the partial asymmetric loss, the asymmetric loss and binary
/// cross entropy: see <see cref="SelectiveLossOptions"/> and <see cref="LossPresets"/>.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class SelectiveLoss : Loss
{
    private readonly SelectiveLossOptions _options;
    private readonly float[]? _priorValues;
    private readonly Tensor _prior;

    /// <summary>The loss.</summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="options">Mode and constants; null: the defaults of training.</param>
    /// <param name="prior">
    /// [classes] how often each class occurs, 0 to 1; null: no class is left out for its prior.
    /// </param>
    public SelectiveLoss(Backend backend, SelectiveLossOptions? options = null, IReadOnlyList<float>? prior = null)
        : base(backend)
    {
        _options = options ?? SelectiveLossOptions.Default;
        if (prior is null)
            return;
        _priorValues = [.. prior];
        _prior = Own(backend.Device.FromHost<float>(_priorValues, new Shape(_priorValues.Length)));
    }

    /// <inheritdoc />
    public override HeadKind Head => HeadKind.Sigmoid;

    // The likeliest un-annotated labels are chosen from the whole batch.
    /// <inheritdoc />
    public override bool CouplesPictures => _options is { Mode: PartialLossMode.Selective, LikelihoodTopK: > 0 };

    /// <inheritdoc />
    public override bool WritesWeights => true;

    /// <inheritdoc />
    protected override void ComputeCore(LossInput input, LossOutput output) => Backend.Kernels.SelectiveLoss(
        input.Logits, input.Labels, _prior, _options, output.Value, output.Gradient, output.Weights);

    /// <inheritdoc />
    public override Loss On(Backend backend) => new SelectiveLoss(backend, _options, _priorValues);

    /// <summary>The loss with constants, as training options have it.</summary>
    internal sealed record Description(SelectiveLossOptions Options) : ILossDescription
    {
        public string Name => "selective";

        public HeadKind Head => HeadKind.Sigmoid;

        public bool TakesPrior => true;

        public Loss Create(LossContext context) => new SelectiveLoss(context.Backend, Options, context.Prior);

        public string ToJson() => JsonSerializer.Serialize(Options);
    }
}
