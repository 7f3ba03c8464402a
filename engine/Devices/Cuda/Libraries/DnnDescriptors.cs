namespace Flixstock.Engine;

/// <summary>One of a convolution's three products.</summary>
internal enum DnnDirection
{
    Forward,
    BackwardData,
    BackwardWeight,
}

/// <summary>What follows a convolution in the same kernel.</summary>
/// <param name="HasBias">True: a number for each channel is added.</param>
/// <param name="HasResidual">True: a tensor of the result's shape is added.</param>
/// <param name="Slope">Factor of negative results after that: 1 changes nothing, 0 is a ReLU.</param>
internal readonly record struct DnnEpilogue(bool HasBias, bool HasResidual, float Slope)
{
    /// <summary>The result is added to what its destination holds.</summary>
    public static readonly DnnEpilogue Sum = new(HasBias: false, HasResidual: true, Slope: 1);
}

/// <summary>The properties of a product that decide which algorithm is fastest.</summary>
/// <param name="Direction">The product.</param>
/// <param name="Input">[N, H, W, C]</param>
/// <param name="Weight">[K, R, S, C]</param>
/// <param name="Output">[N, P, Q, K]</param>
/// <param name="Stride">Stride of the window.</param>
/// <param name="Padding">Number of zeros around the picture.</param>
/// <param name="Type">Type of all three tensors.</param>
internal readonly record struct DnnProblem(
    DnnDirection Direction, Shape Input, Shape Weight, Shape Output, int Stride, int Padding, ElementType Type)
{
    /// <summary>
    /// The result is added to the destination: by engines of the graph interface as an operation of its own.
    /// </summary>
    public bool Accumulate { get; init; }

    /// <summary>What follows in the same kernel; null: nothing.</summary>
    public DnnEpilogue? Epilogue { get; init; }

    /// <summary>
    /// The sums over the pixels of what is written, and of its squares, are written too, each in single precision.
    /// </summary>
    public bool Sums { get; init; }

    /// <summary>True for a 1x1 window that visits every pixel once: a matrix product over pixels.</summary>
    public bool IsPointByPoint => this is { Stride: 1, Padding: 0, Weight: { Height: 1, Width: 1 } };

    /// <summary>The product of one direction, of tensors of one type.</summary>
    public static DnnProblem Of(
        DnnDirection direction, Shape input, Shape weight, Shape output, ConvolutionGeometry geometry,
        ElementType type) => new(direction, input, weight, output, geometry.Stride, geometry.Padding, type);

    /// <summary>
    /// True if algorithms that transform large tiles (FFT, Winograd from 6 x 6) are kept out: they are off by up to a
    /// thousandth of the largest single, and halves of gradients overflow in them.
    /// </summary>
    /// <param name="allowTf32">True: singles may be rounded to 10 bits, which loses as many digits.</param>
    public bool NeedsDigits(bool allowTf32) => Type == ElementType.Float32
        ? !allowTf32
        : Type == ElementType.Float16 && Direction != DnnDirection.Forward;

    /// <summary>True for a legacy algorithm that transforms large tiles: cudnnConvolution*Algo_t.</summary>
    public bool IsTransform(int algorithm) => Direction switch
    {
        DnnDirection.Forward => algorithm is 4 or 5 or 7, // FFT, FFT_TILING, WINOGRAD_NONFUSED
        DnnDirection.BackwardData => algorithm is 2 or 3 or 5,
        _ => algorithm is 2 or 5 or 6,
    };

    public override string ToString() => $"{Direction} of {Input} with {Weight}, stride {Stride}, padding {Padding}, "
        + $"{Type}{(Accumulate ? ", added" : "")}{(Sums ? ", sums" : "")}"
        + $"{(Epilogue is { } epilogue ? $", {epilogue}" : "")}";
}

/// <summary>A convolution that cuDNN can be called with: descriptors, and the algorithm found for them.</summary>
/// <param name="Input">Descriptor of x or dx.</param>
/// <param name="Weight">Descriptor of w or dw.</param>
/// <param name="Convolution">Descriptor of window and mathematics.</param>
/// <param name="Output">Descriptor of y or dy.</param>
/// <param name="Description">Direction and shapes, for messages.</param>
internal sealed record DnnPlan(nint Input, nint Weight, nint Convolution, nint Output, string Description)
{
    /// <summary>cudnnConvolution*Algo_t</summary>
    public int Algorithm { get; init; }

    /// <summary>The engine that computes instead of the algorithm; null for none.</summary>
    public DnnEngine? Engine { get; init; }

    /// <summary>Bytes of workspace that it needs.</summary>
    public long WorkspaceBytes { get; init; }

    /// <summary>True if the algorithm was not found in this process: another library or device may refuse it.</summary>
    public bool IsKept { get; init; }
}

/// <summary>
/// cuDNN's descriptors: tensors and weights made once per shape, convolutions once per plan, because a plan decides its
/// mathematics.
/// </summary>
/// <param name="dnn">The library.</param>
/// <param name="errors">Turns a status into an exception.</param>
/// <param name="allowTf32">True: singles may be rounded to 10 bits.</param>
internal sealed unsafe class DnnDescriptors(IDnn dnn, CudaError errors, bool allowTf32) : IDisposable
{
    private const int Nhwc = 1;                                    // cudnnTensorFormat_t
    private const int Float = 0, Half = 2, BFloat = 9;             // cudnnDataType_t
    // cudnnConvolutionMode_t: what deep learning calls a convolution
    private const int CrossCorrelation = 1;
    // cudnnMathType_t; default math on singles is TF32 from sm_80 on
    private const int DefaultMath = 0, TensorOpMath = 1, FmaMath = 3;

    private readonly Dictionary<(Shape, ElementType), nint> _tensors = [], _weights = [];
    private readonly List<nint> _convolutions = [];

    /// <summary>The descriptor of an activation [N, H, W, C].</summary>
    public nint Tensor(Shape shape, ElementType type)
    {
        if (_tensors.TryGetValue((shape, type), out var descriptor))
            return descriptor;
        errors.Check(dnn, dnn.cudnnCreateTensorDescriptor(&descriptor));
        _tensors.Add((shape, type), descriptor);
        errors.Check(dnn, dnn.cudnnSetTensor4dDescriptor(
            descriptor, Nhwc, DataType(type), shape.Batch, shape.Channels, shape.Height, shape.Width));
        return descriptor;
    }

    /// <summary>The descriptor of a weight [K, R, S, C].</summary>
    public nint Weight(Shape shape, ElementType type)
    {
        if (_weights.TryGetValue((shape, type), out var descriptor))
            return descriptor;
        errors.Check(dnn, dnn.cudnnCreateFilterDescriptor(&descriptor));
        _weights.Add((shape, type), descriptor);
        errors.Check(dnn, dnn.cudnnSetFilter4dDescriptor(
            descriptor, DataType(type), Nhwc, shape.Batch, shape.Channels, shape.Height, shape.Width));
        return descriptor;
    }

    /// <summary>A new descriptor of a window, sums in single precision.</summary>
    public nint Convolution(int stride, int padding, ElementType type)
    {
        nint descriptor;
        errors.Check(dnn, dnn.cudnnCreateConvolutionDescriptor(&descriptor));
        _convolutions.Add(descriptor);
        errors.Check(dnn, dnn.cudnnSetConvolution2dDescriptor(
            descriptor, padding, padding, stride, stride, 1, 1, CrossCorrelation, Float));
        errors.Check(dnn, dnn.cudnnSetConvolutionMathType(descriptor, Math(type)));
        return descriptor;
    }

    /// <summary>The mathematics that a search found fastest; singles stay singles unless TF32 is allowed.</summary>
    public void SetMath(nint convolution, ElementType type, int mathType) =>
        errors.Check(
            dnn, dnn.cudnnSetConvolutionMathType(convolution, type == ElementType.Float32 ? Math(type) : mathType));

    /// <summary>Destroys them all.</summary>
    public void Dispose()
    {
        foreach (var descriptor in _tensors.Values)
            _ = dnn.cudnnDestroyTensorDescriptor(descriptor); // no caller could act on a failure here
        foreach (var descriptor in _weights.Values)
            _ = dnn.cudnnDestroyFilterDescriptor(descriptor);
        foreach (var descriptor in _convolutions)
            _ = dnn.cudnnDestroyConvolutionDescriptor(descriptor);
        _tensors.Clear();
        _weights.Clear();
        _convolutions.Clear();
    }

    private int Math(ElementType type) =>
        type != ElementType.Float32 ? TensorOpMath : allowTf32 ? DefaultMath : FmaMath;

    /// <summary>cudnnDataType_t</summary>
    internal static int DataType(ElementType type) => type switch
    {
        ElementType.Float32 => Float,
        ElementType.Float16 => Half,
        ElementType.BFloat16 => BFloat,
        _ => throw new EngineException($"cuDNN convolves Float32, Float16 or BFloat16 here, not {type}"),
    };
}
