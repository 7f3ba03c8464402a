namespace Flixstock.Engine;

/// <summary>Gives the values of a parameter, in its layout on the device.</summary>
internal delegate void ParameterReader(Parameter parameter, Span<float> values);

/// <summary>
/// Collects the steps of a <see cref="FoldedNetwork"/>; each method returns the number of the value its step writes. Weights are read, folded and packed one
/// after the other, so that no more than the largest one is in memory twice.
/// </summary>
/// <param name="backend">The device and its kernels.</param>
/// <param name="read">Gives the values of a parameter, in its layout on the device.</param>
/// <param name="onlyPacked">Let the kernels keep weights in their own order alone, where they have one: for running and nothing else.</param>
internal sealed class FoldedBuilder(Backend backend, ParameterReader read, bool onlyPacked)
{
    private readonly Device _device = backend.Device;
    private float[] _values = [];

    public List<FoldedStep> Steps { get; } = [];

    /// <summary>Memory of the device that the steps read.</summary>
    public List<Tensor> Memory { get; } = [];

    /// <summary>What the kernels were asked to keep.</summary>
    public List<Tensor> Kept { get; } = [];

    public int Add(FoldedStep step)
    {
        Steps.Add(step);
        return Steps.Count;
    }

    /// <summary>A convolution with the ABN behind it: z = scale * (w * x) + shift = (scale * w) * x + shift.</summary>
    public int Convolution(Convolution convolution, BatchNormalization normalization, int input, float slope, int residual = FoldedStep.NoValue)
    {
        var (scale, shift) = Normalization(normalization);
        var weight = Values(convolution.Weight);
        var rowLength = weight.Length / scale.Length;
        for (var i = 0; i < weight.Length; i++)
            weight[i] = (float)(weight[i] * scale[i / rowLength]);
        return Add(new FoldedStep(FoldedKind.Convolution, convolution.Name, input)
        {
            Weight = Weight(weight, convolution.Weight.Shape),
            Bias = Keep(Array.ConvertAll(shift, value => (float)value), new Shape(shift.Length)),
            Geometry = convolution.Geometry,
            Slope = slope,
            Residual = residual,
        });
    }

    public int ConvolutionAbn(ConvolutionAbn layers, int input)
    {
        var output = Convolution(layers.Convolution, layers.Normalization, input, layers.Normalization.Slope);
        return layers.Blur is null ? output : Add(new FoldedStep(FoldedKind.BlurPool, layers.Blur.Name, output));
    }

    public int Downsample(Downsample layers, int input)
    {
        var pooled = layers.Pool is null ? input : Add(new FoldedStep(FoldedKind.AveragePool, layers.Pool.Name, input));
        return Convolution(layers.Convolution, layers.Normalization, pooled, slope: 1);
    }

    /// <summary>Squeeze-excite's scale, [N, C].</summary>
    public int Gate(SqueezeExcite layer, int input)
    {
        var pooled = Add(new FoldedStep(FoldedKind.GlobalAveragePool, layer.Name, input));
        var hidden = Linear(layer.Name + ".fc1", layer.ReduceWeight, layer.ReduceBias, ActivationKind.Relu, pooled);
        return Linear(layer.Name + ".fc2", layer.ExpandWeight, layer.ExpandBias, ActivationKind.Sigmoid, hidden);
    }

    public int Linear(string name, Parameter weight, Parameter bias, ActivationKind activation, int input) =>
        Add(new FoldedStep(FoldedKind.Linear, name, input)
        {
            Weight = Weight(Values(weight), weight.Shape),
            Bias = Keep(Values(bias), bias.Shape),
            Activation = activation,
        });

    private Tensor Weight(ReadOnlySpan<float> values, Shape shape)
    {
        var plain = Keep(values, shape);
        if (onlyPacked && backend.Kernels is IPackedWeights kernels)
        {
            var packed = kernels.PackWeight(plain);
            Kept.Add(packed);
            Memory.Remove(plain);
            _device.Free(plain);
            return packed;
        }
        backend.Kernels.KeepWeight(plain);
        Kept.Add(plain);
        return plain;
    }

    // Valid until the next call.
    private Span<float> Values(Parameter parameter)
    {
        var count = (int)parameter.Shape.Count;
        if (_values.Length < count)
            _values = new float[count];
        var values = _values.AsSpan(0, count);
        read(parameter, values);
        return values;
    }

    private Tensor Keep(ReadOnlySpan<float> values, Shape shape)
    {
        var tensor = _device.FromHost(values, shape);
        if (shape.Rank == 4 && backend.ActivationType != ElementType.Float32)
        {
            var single = tensor;
            tensor = _device.Allocate(shape, backend.ActivationType);
            backend.Kernels.Copy(single, tensor);
            _device.Free(single);
        }
        Memory.Add(tensor);
        return tensor;
    }

    private (double[] Scale, double[] Shift) Normalization(BatchNormalization layer)
    {
        var (weight, bias) = (Values(layer.Weight).ToArray(), Values(layer.Bias).ToArray());
        var (mean, variance) = (Values(layer.RunningMean).ToArray(), Values(layer.RunningVariance).ToArray());
        var (scale, shift) = (new double[weight.Length], new double[weight.Length]);
        for (var c = 0; c < weight.Length; c++)
        {
            scale[c] = (Math.Abs((double)weight[c]) + BatchNormalization.Epsilon) / Math.Sqrt((double)variance[c] + BatchNormalization.Epsilon);
            shift[c] = bias[c] - mean[c] * scale[c];
        }
        return (scale, shift);
    }
}
