using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Samples.CustomNetwork;

/// <summary>
/// Binary cross entropy of soft targets with label smoothing (Szegedy et al., "Rethinking the Inception Architecture
/// for Computer Vision", 2016): a target t becomes t * (1 - e) + e / 2. Unknown labels contribute nothing.
/// </summary>
public sealed class SmoothedLoss(Backend backend, float smoothing) : Loss(backend)
{
    private readonly Kernel _kernel = new(smoothing);

    /// <inheritdoc />
    public override HeadKind Head => HeadKind.Sigmoid;

    /// <inheritdoc />
    // soft targets; labels of 1, 0 and unknown are converted
    public override ElementType LabelType => ElementType.Float32;

    /// <inheritdoc />
    public override Loss On(Backend backend) => new SmoothedLoss(backend, smoothing);

    /// <inheritdoc />
    protected override void ComputeCore(LossInput input, LossOutput output) =>
        Backend.Kernels.Custom(_kernel, input.Logits, input.Labels, output.Value, output.Gradient);

    private sealed class Kernel(float smoothing) : CustomKernel("SmoothedLoss")
    {
        public override void Run(CustomTensors tensors, WorkerThreads? workers)
        {
            var logits = tensors.First.Floats();
            var targets = tensors.Second.Floats();
            var gradient = tensors.SecondOutput.Floats();
            var sum = 0.0;
            for (var i = 0; i < logits.Length; i++)
            {
                gradient[i] = 0;
                if (targets[i] < 0)
                    continue;
                var (x, t) = ((double)logits[i], targets[i] * (1 - smoothing) + smoothing / 2);
                sum += Math.Max(x, 0) - x * t + Math.Log(1 + Math.Exp(-Math.Abs(x)));
                gradient[i] = (float)(1 / (1 + Math.Exp(-x)) - t);
            }
            tensors.Output.Floats()[0] = (float)sum;
        }
    }
}

/// <summary>The loss in training options and in a run's files.</summary>
/// <param name="Smoothing">e, from 0 to below 1.</param>
public sealed record SmoothedLossDescription(float Smoothing = 0.1f) : ILossDescription
{
    /// <summary>Its name in a run's files.</summary>
    public const string LossName = "smoothed_bce";

    /// <inheritdoc />
    public string Name => LossName;

    /// <inheritdoc />
    public HeadKind Head => HeadKind.Sigmoid;

    /// <inheritdoc />
    public bool TakesPrior => false;

    /// <inheritdoc />
    public Loss Create(LossContext context) => new SmoothedLoss(context.Backend, Smoothing);

    /// <inheritdoc />
    public string ToJson() => JsonSerializer.Serialize(new { Smoothing });

    /// <summary>The reverse of <see cref="ToJson"/>.</summary>
    public static SmoothedLossDescription FromJson(string json) =>
        JsonSerializer.Deserialize<SmoothedLossDescription>(json)!;
}
