namespace Flixstock.Engine;

/// <summary>What a step of a <see cref="FoldedNetwork"/> computes.</summary>
public enum FoldedKind
{
    /// <summary><see cref="IKernels.SpaceToDepthForward"/></summary>
    SpaceToDepth,
    /// <summary><see cref="IKernels.ConvolutionFolded"/></summary>
    Convolution,
    /// <summary><see cref="IKernels.BlurPoolForward"/></summary>
    BlurPool,
    /// <summary><see cref="IKernels.AveragePoolForward"/></summary>
    AveragePool,
    /// <summary><see cref="IKernels.GlobalAveragePoolForward"/></summary>
    GlobalAveragePool,
    /// <summary><see cref="IKernels.LinearForward"/></summary>
    Linear,
    /// <summary><see cref="IKernels.ExciteForward"/></summary>
    Excite,
    /// <summary><see cref="IKernels.ExciteResidualRelu"/></summary>
    ExciteResidualRelu,
}

/// <summary>
/// One step: reads numbered values, writes the next one. Value 0 is the input; step number i writes value i + 1.
/// </summary>
/// <param name="Kind">What it computes.</param>
/// <param name="Name">Published name of the layer it comes from.</param>
/// <param name="Input">Number of the value it reads.</param>
public sealed record FoldedStep(FoldedKind Kind, string Name, int Input)
{
    /// <summary>For a value that a step does not read.</summary>
    public const int NoValue = -1;

    /// <summary>Number of the [N, C] scale, for the excite kinds.</summary>
    public int Excitation { get; init; } = NoValue;

    /// <summary>Number of the value that is added, for convolutions at the end of a block and <see cref="FoldedKind.ExciteResidualRelu"/>.</summary>
    public int Residual { get; init; } = NoValue;

    /// <summary>[K, R, S, C] or [O, I], the following ABN's scale multiplied in. Of <see cref="FoldedNetwork.From"/> the kernels' own order, of this shape in name only.</summary>
    public Tensor Weight { get; init; }

    /// <summary>[K] or [O], the following ABN's shift.</summary>
    public Tensor Bias { get; init; }

    /// <summary>Of a convolution.</summary>
    public ConvolutionGeometry Geometry { get; init; }

    /// <summary>For negative values, of a convolution: 1 nothing, 0 ReLU.</summary>
    public float Slope { get; init; } = 1;

    /// <summary>Of a linear step.</summary>
    public ActivationKind Activation { get; init; }

    /// <summary>Block of space-to-depth.</summary>
    public int Block { get; init; }

    /// <summary>Shape of what the step writes.</summary>
    public Shape OutputShape(Shape input) => Kind switch
    {
        FoldedKind.SpaceToDepth => new Shape(input.Batch, input.Height / Block, input.Width / Block, input.Channels * Block * Block),
        FoldedKind.Convolution => new Shape(
            input.Batch, Geometry.Output(input.Height, Weight.Shape[1]), Geometry.Output(input.Width, Weight.Shape[2]), Weight.Shape[0]),
        FoldedKind.BlurPool or FoldedKind.AveragePool => new Shape(input.Batch, (input.Height + 1) / 2, (input.Width + 1) / 2, input.Channels),
        FoldedKind.GlobalAveragePool => new Shape(input.Batch, input.Channels),
        FoldedKind.Linear => new Shape(input.Batch, Weight.Shape[0]),
        _ => input,
    };
}
