namespace Flixstock.Engine;

/// <summary>A convolution and what follows it, which an engine may compute in one kernel.</summary>
internal interface IFusedConvolution
{
    /// <summary>True if engines can take the tensors.</summary>
    bool IsAligned { get; }

    /// <summary>The properties that decide which engine is fastest.</summary>
    DnnProblem Problem { get; }

    /// <summary>Queues it.</summary>
    /// <param name="graphs">Where the engine comes from.</param>
    /// <param name="engine">An engine of the problem.</param>
    /// <param name="workspace">What the engine needs, or 0.</param>
    /// <returns>The library's status.</returns>
    int Queue(DnnGraphs graphs, DnnEngine engine, nint workspace);
}

/// <summary>y = leaky(convolution(x, w) + bias + residual)</summary>
/// <param name="X">[N, H, W, C]</param>
/// <param name="Weight">[K, R, S, C], of the input's type.</param>
/// <param name="Bias">[K], Float32</param>
/// <param name="Residual">[N, P, Q, K] or <see cref="ReadOnlyTensor.None"/></param>
/// <param name="Geometry">Stride and padding.</param>
/// <param name="Slope">Factor of negative results.</param>
/// <param name="Y">[N, P, Q, K]</param>
internal readonly record struct FoldedConvolution(
    ReadOnlyTensor X, ReadOnlyTensor Weight, ReadOnlyTensor Bias, ReadOnlyTensor Residual,
    ConvolutionGeometry Geometry, float Slope, Tensor Y) : IFusedConvolution
{
    /// <inheritdoc />
    public bool IsAligned =>
        ((X.Address | Weight.Address | Bias.Address | Residual.Address | Y.Address) & (DnnGraphs.Alignment - 1)) == 0;

    /// <inheritdoc />
    public DnnProblem Problem => new(
        DnnDirection.Forward, X.Shape, Weight.Shape, Y.Shape, Geometry.Stride, Geometry.Padding, X.Type)
    {
        Epilogue = new DnnEpilogue(HasBias: true, Residual.Exists, Slope),
    };

    /// <inheritdoc />
    public int Queue(DnnGraphs graphs, DnnEngine engine, nint workspace) => graphs.Execute(
        engine, X.Address, Weight.Address, Bias.Address, Residual.Address, Y.Address, workspace);
}

/// <summary>y = convolution(x, w), and the sums over the pixels of y and of its squares.</summary>
/// <param name="X">[N, H, W, C]</param>
/// <param name="Weight">[K, R, S, C], of the input's type.</param>
/// <param name="Geometry">Stride and padding.</param>
/// <param name="Y">[N, P, Q, K]</param>
/// <param name="Sums">[2, K], Float32: sums, sums of squares.</param>
internal readonly record struct SummedConvolution(
    ReadOnlyTensor X, ReadOnlyTensor Weight, ConvolutionGeometry Geometry, Tensor Y, Tensor Sums) : IFusedConvolution
{
    private nint Squares => Sums.Address + Y.Shape.Channels * sizeof(float);

    /// <inheritdoc />
    public bool IsAligned =>
        ((X.Address | Weight.Address | Y.Address | Sums.Address | Squares) & (DnnGraphs.Alignment - 1)) == 0;

    /// <inheritdoc />
    public DnnProblem Problem =>
        DnnProblem.Of(DnnDirection.Forward, X.Shape, Weight.Shape, Y.Shape, Geometry, X.Type) with { Sums = true };

    /// <inheritdoc />
    public int Queue(DnnGraphs graphs, DnnEngine engine, nint workspace) => graphs.ExecuteSums(
        engine, X.Address, Weight.Address, Y.Address, Sums.Address, Squares, workspace);
}
