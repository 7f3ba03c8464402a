namespace Flixstock.Engine;

/// <summary>Gives the values of a parameter, in its layout on the device.</summary>
internal delegate void ParameterReader(Parameter parameter, Span<float> values);

/// <summary>
/// Collects the steps of a folded network; each method that adds a step returns the number of the value which that step
/// writes. Weights are read, folded and packed one after the other, so that no more than the largest one is in memory
/// twice. All memory that the builder hands out belongs to the folded network, which frees it.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class FoldedBuilder
{
    private readonly ParameterReader _read;
    private bool _onlyPacked;
    private float[] _values = [];

    /// <summary>A builder without steps.</summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="read">Gives the values of a parameter, in its layout on the device.</param>
    /// <param name="onlyPacked">
    /// Let the kernels keep weights in their own order alone, if they have one: for running and nothing else.
    /// </param>
    internal FoldedBuilder(Backend backend, ParameterReader read, bool onlyPacked) =>
        (Backend, _read, _onlyPacked) = (backend, read, onlyPacked);

    /// <summary>The device and its kernels.</summary>
    public Backend Backend { get; }

    /// <summary>All steps, in the order of computation.</summary>
    internal List<FoldedStep> Steps { get; } = [];

    /// <summary>Memory of the device that the steps read.</summary>
    internal List<Tensor> Memory { get; } = [];

    /// <summary>The weights that the kernels were asked to keep.</summary>
    internal List<Tensor> Kept { get; } = [];

    /// <summary>Weights from here on stay as they are as well, for a backward pass.</summary>
    internal void KeepPlain() => _onlyPacked = false;

    /// <summary>Appends a step.</summary>
    /// <param name="step">Reads values of earlier steps, or the network's input, number 0.</param>
    /// <returns>Number of the value it writes.</returns>
    /// <exception cref="ArgumentException">The step reads a value that no earlier step writes.</exception>
    public int Add(FoldedStep step)
    {
        foreach (var value in step.Inputs)
        {
            if (value < 0 || value > Steps.Count)
            {
                throw new ArgumentException(
                    $"step '{step.Name}' reads value {value}, but the steps before it write the values 1 to "
                    + $"{Steps.Count}: add the step that writes it first",
                    nameof(step));
            }
        }
        Steps.Add(step);
        return Steps.Count;
    }

    /// <summary>
    /// Appends a convolution with the ABN after it: z = scale * (w * x) + shift = (scale * w) * x + shift.
    /// </summary>
    /// <param name="convolution">The layer to append.</param>
    /// <param name="normalization">The ABN over its output; running statistics are used.</param>
    /// <param name="input">Number of the value it convolves, [N, H, W, C].</param>
    /// <param name="slope">Factor of negative results: 1 changes nothing, 0 is a ReLU.</param>
    /// <param name="residual">
    /// Number of the value that is added before the ReLU, [N, P, Q, K], or <see cref="FoldedStep.NoValue"/>.
    /// </param>
    /// <returns>Number of the output, [N, P, Q, K].</returns>
    public int Convolution(
        Convolution convolution,
        BatchNormalization normalization,
        int input,
        float slope,
        int residual = FoldedStep.NoValue)
    {
        var (scale, shift) = Normalization(normalization);
        var weight = Values(convolution.Weight);
        var rowLength = weight.Length / scale.Length;
        for (var i = 0; i < weight.Length; i++)
            weight[i] = (float)(weight[i] * scale[i / rowLength]);
        return Add(new ConvolutionStep(convolution.Name, input, residual)
        {
            Weight = Weight(weight, convolution.Weight.Shape),
            Bias = Keep(Array.ConvertAll(shift, value => (float)value), new Shape(shift.Length)),
            Geometry = convolution.Geometry,
            Slope = slope,
        });
    }

    /// <summary>Appends a linear layer.</summary>
    /// <param name="layer">The layer to append.</param>
    /// <param name="input">Number of the value it reads, [N, I] or [N, L, I].</param>
    /// <param name="activation">Function applied to the sum.</param>
    /// <returns>Number of the output, [N, O] or [N, L, O].</returns>
    public int Linear(Linear layer, int input, ActivationKind activation = ActivationKind.None) =>
        Linear(layer.Name, layer.Weight, layer.Bias, activation, input);

    /// <summary>Appends a linear layer that is part of another layer.</summary>
    /// <param name="name">Published name of the linear layer.</param>
    /// <param name="weight">[O, I]</param>
    /// <param name="bias">[O]</param>
    /// <param name="activation">Function applied to the sum.</param>
    /// <param name="input">Number of the value it reads, [N, I].</param>
    /// <returns>Number of the output, [N, O].</returns>
    public int Linear(string name, Parameter weight, Parameter bias, ActivationKind activation, int input) =>
        Add(new LinearStep(name, input)
        {
            Weight = Weight(Values(weight), weight.Shape),
            Bias = Keep(bias),
            Activation = activation,
        });

    /// <summary>Appends the four linear layers of attention, and what lies between them.</summary>
    /// <param name="layer">The layer to append.</param>
    /// <param name="target">Number of the value whose rows look, [N, L, D].</param>
    /// <param name="memory">Number of the value that they look at, [N, S, D].</param>
    /// <returns>Number of the output, [N, L, D].</returns>
    public int Attention(MultiHeadAttention layer, int target, int memory)
    {
        string[] parts = ["query", "key", "value"];
        var projected = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            projected[i] = Add(new LinearStep($"{layer.Name}.{parts[i]}", i == 0 ? target : memory)
            {
                Weight = Weight(Part(layer.InputWeight, i, parts.Length), layer.Output.Weight.Shape),
                Bias = Keep(Part(layer.InputBias, i, parts.Length), layer.Output.Bias.Shape),
            });
        }
        var weights = Add(new AttentionWeightsStep($"{layer.Name}.weights", projected[0], projected[1], layer.Heads));
        return Linear(
            layer.Output, Add(new AttentionValuesStep($"{layer.Name}.values", weights, projected[2], layer.Heads)));
    }

    /// <summary>Appends a linear layer of groups of outputs.</summary>
    /// <param name="layer">The layer to append.</param>
    /// <param name="input">Number of the value it reads, [N, G, D].</param>
    /// <returns>Number of the output, [N, classes].</returns>
    public int GroupedLinear(GroupedLinear layer, int input) => Add(new GroupedLinearStep(layer.Name, input)
    {
        Weight = Keep(layer.Weight),
        Bias = Keep(layer.Bias),
    });

    /// <summary>The current values of a parameter, for a custom step that folds them into something else.</summary>
    /// <param name="parameter">A parameter of the network.</param>
    /// <returns>A copy, in the parameter's layout on the device.</returns>
    public float[] Read(Parameter parameter) => Values(parameter).ToArray();

    /// <summary>Copies the current values of a parameter for a custom step.</summary>
    /// <param name="parameter">A parameter of the network.</param>
    /// <returns>
    /// A tensor of the parameter's shape, in the type that <see cref="Keep(ReadOnlySpan{float}, Shape)"/> says.
    /// </returns>
    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public Tensor Keep(Parameter parameter) => Keep(Values(parameter), parameter.Shape);

    /// <summary>Puts values on the device for a custom step.</summary>
    /// <param name="values">The values, row by row.</param>
    /// <param name="shape">Shape of the tensor.</param>
    /// <returns>
    /// A tensor in the type of the backend's activations if the shape has four extents, else in single precision.
    /// </returns>
    /// <exception cref="DeviceMemoryException">The device has no room for it.</exception>
    public Tensor Keep(ReadOnlySpan<float> values, Shape shape)
    {
        var tensor = Backend.Device.FromHost(values, shape);
        if (shape.Rank == 4 && Backend.ActivationType != ElementType.Float32)
        {
            var single = tensor;
            tensor = Backend.Device.Allocate(shape, Backend.ActivationType);
            Backend.Kernels.Copy(single, tensor);
            Backend.Device.Free(single);
        }
        Memory.Add(tensor);
        return tensor;
    }

    private Tensor Weight(ReadOnlySpan<float> values, Shape shape)
    {
        var plain = Keep(values, shape);
        if (_onlyPacked && Backend.Kernels is IPackedWeights kernels)
        {
            var packed = kernels.PackWeight(plain);
            Kept.Add(packed);
            Memory.Remove(plain);
            Backend.Device.Free(plain);
            return packed;
        }
        Backend.Kernels.KeepWeight(plain);
        Kept.Add(plain);
        return plain;
    }

    // One of several equal parts of a parameter, by rows; valid until the next call.
    private Span<float> Part(Parameter parameter, int part, int parts)
    {
        var values = Values(parameter);
        var length = values.Length / parts;
        return values.Slice(part * length, length);
    }

    // Valid until the next call.
    private Span<float> Values(Parameter parameter)
    {
        var count = (int)parameter.Shape.Count;
        if (_values.Length < count)
            _values = new float[count];
        var values = _values.AsSpan(0, count);
        _read(parameter, values);
        return values;
    }

    private (double[] Scale, double[] Shift) Normalization(BatchNormalization layer)
    {
        var (weight, bias) = (Read(layer.Weight), Read(layer.Bias));
        var (mean, variance) = (Read(layer.RunningMean), Read(layer.RunningVariance));
        var (scale, shift) = (new double[weight.Length], new double[weight.Length]);
        for (var c = 0; c < weight.Length; c++)
        {
            var deviation = Math.Sqrt((double)variance[c] + BatchNormalization.Epsilon);
            scale[c] = (Math.Abs((double)weight[c]) + BatchNormalization.Epsilon) / deviation;
            shift[c] = bias[c] - mean[c] * scale[c];
        }
        return (scale, shift);
    }
}
