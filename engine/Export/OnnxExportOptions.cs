namespace Flixstock.Engine;

/// <summary>
/// The input of an exported network; the more of the preparation it includes, the less a server can get wrong.
/// </summary>
public enum OnnxInput
{
    /// <summary>[N, 3, S, S], single precision from 0 to 1: resized, scaled and transposed outside.</summary>
    Singles,
    /// <summary>[N, S, S, 3], bytes: resized outside.</summary>
    Bytes,
    /// <summary>
    /// [N, height, width, 3], bytes: pictures of any size, as decoded; those of one batch have the same size.
    /// </summary>
    Pictures,
}

/// <summary>Options of writing a network as ONNX.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>
    /// Version of the operators unless another is requested: the first one that can resize as training did.
    /// </summary>
    public const int DefaultOpset = 18;

    /// <summary>
    /// Versions that can be written. Before 13 some operators take their numbers as attributes; after 23 nothing was
    /// tried.
    /// </summary>
    public const int OldestOpset = 13, NewestOpset = 23;

    private const int ResizeOpset = 18; // brought antialias and axes

    /// <summary>
    /// Height and width that the network computes with, the filter that resizes <see cref="OnnxInput.Pictures"/>, and
    /// an orientation that is recorded: turning is the caller's.
    /// </summary>
    public required PicturePreparation Preparation { get; init; }

    /// <summary>Version of the default operator set.</summary>
    public int Opset { get; init; } = DefaultOpset;

    /// <summary>Pictures of a batch, unless <see cref="DynamicBatch"/>.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Any number of pictures in a batch.</summary>
    public bool DynamicBatch { get; init; }

    /// <summary>The input of the exported network.</summary>
    public OnnxInput Input { get; init; }

    /// <summary>
    /// Weights and activations in half precision; input, resizing and probabilities stay as they are.
    /// </summary>
    public bool Half { get; init; }

    /// <summary>
    /// Recorded for turning probabilities into labels: a class is present if its probability is above it.
    /// </summary>
    public float Threshold { get; init; } = Evaluator.DefaultThreshold;

    /// <summary>
    /// [classes] a threshold for each class instead, recorded; null: <see cref="Threshold"/> for all.
    /// </summary>
    public IReadOnlyList<float>? Thresholds { get; init; }

    /// <summary>Checks the numbers.</summary>
    /// <param name="network">The network to export; null: any network.</param>
    /// <exception cref="InputException">Names the option that cannot be.</exception>
    public void Validate(INetworkDescription? network = null)
    {
        network?.ImageSizes.Require(Preparation);
        if (Opset is < OldestOpset or > NewestOpset)
        {
            throw new InputException(
                $"opset {Opset}: {OldestOpset} to {NewestOpset} can be written; {DefaultOpset} suits most runtimes");
        }
        if (Input == OnnxInput.Pictures && Opset < ResizeOpset)
        {
            throw new InputException($"opset {Opset}: preprocessing inside needs opset {ResizeOpset} or newer, the "
                + $"first whose Resize can shrink without aliasing");
        }
        if (Batch < 1)
            throw new InputException($"batch size {Batch}: it must be at least 1");
    }
}
