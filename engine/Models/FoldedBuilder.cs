namespace Flixstock.Engine;

/// <summary>Collects the steps of a <see cref="FoldedNetwork"/>; each method returns the number of the value its step writes.</summary>
internal sealed class FoldedBuilder(Backend backend)
{
    private readonly Device _device = backend.Device;

    public List<FoldedStep> Steps { get; } = [];

    public List<Tensor> Weights { get; } = [];

    public int Add(FoldedStep step)
    {
        Steps.Add(step);
        return Steps.Count;
    }

    /// <summary>A convolution with the ABN behind it: z = scale * (w * x) + shift = (scale * w) * x + shift.</summary>
    public int Convolution(Convolution convolution, BatchNormalization normalization, int input, float slope, int residual = FoldedStep.NoValue)
    {
        var weight = _device.ToHost<float>(convolution.Weight.Value);
        var (scale, shift) = Normalization(normalization);
        var rowLength = weight.Length / scale.Length;
        for (var i = 0; i < weight.Length; i++)
            weight[i] = (float)(weight[i] * scale[i / rowLength]);
        return Add(new FoldedStep(FoldedKind.Convolution, convolution.Name, input)
        {
            Weight = Keep(weight, convolution.Weight.Shape),
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
            Weight = Keep(_device.ToHost<float>(weight.Value), weight.Shape),
            Bias = Keep(_device.ToHost<float>(bias.Value), bias.Shape),
            Activation = activation,
        });

    private Tensor Keep(float[] values, Shape shape)
    {
        var tensor = _device.FromHost<float>(values, shape);
        if (shape.Rank == 4 && backend.ActivationType != ElementType.Float32)
        {
            var single = tensor;
            tensor = _device.Allocate(shape, backend.ActivationType);
            backend.Kernels.Copy(single, tensor);
            _device.Free(single);
        }
        Weights.Add(tensor);
        return tensor;
    }

    private (double[] Scale, double[] Shift) Normalization(BatchNormalization layer)
    {
        var (weight, bias) = (_device.ToHost<float>(layer.Weight.Value), _device.ToHost<float>(layer.Bias.Value));
        var (mean, variance) = (_device.ToHost<float>(layer.RunningMean.Value), _device.ToHost<float>(layer.RunningVariance.Value));
        var (scale, shift) = (new double[weight.Length], new double[weight.Length]);
        for (var c = 0; c < weight.Length; c++)
        {
            scale[c] = (Math.Abs((double)weight[c]) + BatchNormalization.Epsilon) / Math.Sqrt((double)variance[c] + BatchNormalization.Epsilon);
            shift[c] = bias[c] - mean[c] * scale[c];
        }
        return (scale, shift);
    }
}
