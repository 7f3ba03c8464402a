namespace Flixstock.Engine;

/// <summary>
/// A convolution with the ABN after it folded into its weights, an addition and a ReLU:
/// <see cref="IKernels.ConvolutionFolded"/>.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it convolves, [N, H, W, C].</param>
/// <param name="residual">
/// Number of the value that is added before the ReLU, [N, P, Q, K], or <see cref="FoldedStep.NoValue"/>.
/// </param>
public sealed class ConvolutionStep(string name, int input, int residual = FoldedStep.NoValue)
    : FoldedStep(name, input, residual)
{
    /// <summary>
    /// [K, R, S, C], already multiplied with the ABN's scale. In a network of <see cref="FoldedNetwork.From"/> the
    /// values stand
    /// in the kernels' own order, and only the shape is this one.
    /// </summary>
    public required Tensor Weight { get; init; }

    /// <summary>[K], the ABN's shift.</summary>
    public required Tensor Bias { get; init; }

    /// <summary>Stride and padding.</summary>
    public required ConvolutionGeometry Geometry { get; init; }

    /// <summary>Factor of negative results: 1 changes nothing, 0 is a ReLU.</summary>
    public float Slope { get; init; } = 1;

    /// <summary>True if a second value is added to the convolution's output.</summary>
    public bool HasResidual => Inputs.Count > 1;

    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => new(
        inputs[0].Batch,
        Geometry.Output(inputs[0].Height, Weight.Shape[1]),
        Geometry.Output(inputs[0].Width, Weight.Shape[2]),
        Weight.Shape[0]);

    /// <inheritdoc />
    public override PixelGrid Grid(int input) => input == 0
        ? new PixelGrid(((Weight.Shape[1] - 1) / 2.0) - Geometry.Padding, Geometry.Stride)
        : PixelGrid.Same;

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output)
    {
        var added = HasResidual ? inputs[1] : ReadOnlyTensor.None;
        kernels.ConvolutionFolded(inputs[0], Weight, Bias, added, Geometry, Slope, output);
    }
}
