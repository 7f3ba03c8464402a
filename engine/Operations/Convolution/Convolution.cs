namespace Flixstock.Engine;

/// <summary>
/// A convolution without bias (every one here is followed by a normalisation). Keeps a reference to its input for the
/// weight's gradient.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class Convolution : Layer
{
    private readonly Parameter[] _parameters;
    private Tensor _input;

    /// <summary>A square kernel with padding so that stride 1 keeps the size.</summary>
    /// <param name="name">Prefix of <c>.weight</c>.</param>
    /// <param name="inputChannels">Number of channels of the input.</param>
    /// <param name="outputChannels">Number of channels of the output.</param>
    /// <param name="kernel">Extent of the window, odd: 1 or 3 here.</param>
    /// <param name="stride">Stride of the window.</param>
    /// <param name="channelMultiple">Both channel counts are padded to a multiple of it.</param>
    public Convolution(
        string name, int inputChannels, int outputChannels, int kernel, int stride = 1, int channelMultiple = 1)
        : base(name)
    {
        Geometry = new ConvolutionGeometry(stride, kernel / 2);
        var (inputs, outputs) = (
            ChannelPadding.Padded(inputChannels, channelMultiple),
            ChannelPadding.Padded(outputChannels, channelMultiple));
        Weight = new Parameter(name + ".weight", new Shape(outputs, kernel, kernel, inputs), ParameterKind.Weight)
        {
            PublishedShape = new Shape(outputChannels, kernel, kernel, inputChannels),
        };
        _parameters = [Weight];
    }

    /// <summary>[K, R, S, C]</summary>
    public Parameter Weight { get; }

    /// <summary>Stride and padding.</summary>
    public ConvolutionGeometry Geometry { get; }

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> Parameters => _parameters;

    /// <inheritdoc />
    public override Shape OutputShape(Shape input)
    {
        var kernel = Weight.Shape[1];
        var smallest = kernel - 2 * Geometry.Padding;
        if (input.Rank != 4 || input.Channels != Weight.Shape[3] || input.Height < smallest || input.Width < smallest)
        {
            throw new ShapeException(
                Name, "input", input, $"[N, H, W, {Weight.Shape[3]}] with H and W at least {Math.Max(smallest, 1)}");
        }
        return new Shape(
            input.Batch, Geometry.Output(input.Height, kernel), Geometry.Output(input.Width, kernel), Weight.Shape[0]);
    }

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var output = KeepInput(pass, input); // [N, P, Q, K]
        pass.Kernels.ConvolutionForward(input, Weight.Compute, Geometry, output);
        return pass.Done(this, output);
    }

    /// <summary>Keeps the input for the backward pass and takes room for the output, for the caller to fill.</summary>
    internal Tensor KeepInput(Pass pass, Tensor input)
    {
        _input = input;
        return pass.TakeActivation(OutputShape(input.Shape));
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        pass.BackwardWeight(_input, outputGradient, Geometry, Weight.Gradient);
        if (inputGradient.Exists)
            pass.Kernels.ConvolutionBackwardData(outputGradient, Weight.Compute, Geometry, accumulate, inputGradient);
    }
}
