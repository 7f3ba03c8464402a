namespace Flixstock.Engine;

/// <summary>Writes the steps of a folded network as ONNX operators. Values are [N, C, H, W] or [N, C] there.</summary>
internal sealed class OnnxSteps(OnnxGraph graph, FoldedNetwork network)
{
    private readonly string[] _values = new string[network.Steps.Count + 1];
    private readonly int[] _channels = new int[network.Steps.Count + 1];

    /// <summary>Appends all steps.</summary>
    /// <param name="input">[N, 3, H, W], from 0 to 1, in the type of the activations.</param>
    /// <returns>The logits, [N, classes].</returns>
    public string Translate(string input)
    {
        (_values[0], _channels[0]) = (input, 3);
        for (var i = 0; i < network.Steps.Count; i++)
        {
            var step = network.Steps[i];
            (_values[i + 1], _channels[i + 1]) = (Translate(step), Channels(step));
        }
        return _values[^1];
    }

    private string Translate(FoldedStep step) => step.Kind switch
    {
        // ONNX numbers the new channels (dy * block + dx) * C + c, as the engine does.
        FoldedKind.SpaceToDepth => graph.Add(step.Name, "SpaceToDepth", [_values[step.Input]], OnnxGraph.Integer("blocksize", step.Block)),
        FoldedKind.Convolution => Convolution(step),
        FoldedKind.BlurPool => BlurPool(step),
        FoldedKind.AveragePool => AveragePool(step),
        FoldedKind.GlobalAveragePool => GlobalAveragePool(step),
        FoldedKind.Linear => Linear(step),
        FoldedKind.Excite => Excite(step),
        FoldedKind.ExciteResidualRelu => Activate(step.Name, AddResidual(step, Excite(step)), slope: 0),
        _ => throw new InvalidOperationException($"step '{step.Name}' is of the kind {step.Kind}, which ONNX export does not know"),
    };

    private int Channels(FoldedStep step) => step.Kind switch
    {
        FoldedKind.SpaceToDepth => _channels[step.Input] * step.Block * step.Block,
        FoldedKind.Convolution or FoldedKind.Linear => step.Weight.Shape[0],
        _ => _channels[step.Input],
    };

    private string Convolution(FoldedStep step)
    {
        var shape = step.Weight.Shape; // [K, R, S, C]
        var weight = graph.Numbers(step.Name + ".weight", ChannelsFirst(step.Weight), [shape[0], shape[3], shape[1], shape[2]]);
        var convolved = graph.Add(
            step.Name,
            "Conv",
            [_values[step.Input], weight, Bias(step)],
            OnnxGraph.List("kernel_shape", shape[1], shape[2]),
            OnnxGraph.List("strides", step.Geometry.Stride, step.Geometry.Stride),
            OnnxGraph.List("pads", Enumerable.Repeat((long)step.Geometry.Padding, 4).ToArray()));
        return Activate(step.Name, step.Residual == FoldedStep.NoValue ? convolved : AddResidual(step, convolved), step.Slope);
    }

    // A reflected border, then the filter [1 2 1] x [1 2 1] / 16 on each channel by itself; its numbers are exact in half precision too.
    private string BlurPool(FoldedStep step)
    {
        var channels = _channels[step.Input];
        var padded = graph.Add(step.Name, "Pad", [_values[step.Input], graph.Integers("blur.border", 0, 0, 1, 1, 0, 0, 1, 1)], OnnxGraph.Text("mode", "reflect"));
        float[] row = [0.25f, 0.5f, 0.25f];
        float[] filter = [.. row.SelectMany(a => row.Select(b => a * b))];
        var weight = graph.Numbers($"blur.weight.{channels}", [.. Enumerable.Repeat(filter, channels).SelectMany(values => values)], [channels, 1, 3, 3]);
        return graph.Add(
            step.Name,
            "Conv",
            [padded, weight],
            OnnxGraph.List("kernel_shape", 3, 3),
            OnnxGraph.List("strides", 2, 2),
            OnnxGraph.Integer("group", channels));
    }

    private string AveragePool(FoldedStep step) => graph.Add(
        step.Name,
        "AveragePool",
        [_values[step.Input]],
        OnnxGraph.List("kernel_shape", 2, 2),
        OnnxGraph.List("strides", 2, 2),
        OnnxGraph.Integer("ceil_mode", 1),
        OnnxGraph.Integer("count_include_pad", 0));

    private string GlobalAveragePool(FoldedStep step)
    {
        var pooled = graph.Add(step.Name, "GlobalAveragePool", [_values[step.Input]]); // [N, C, 1, 1]
        return graph.Add(step.Name, "Flatten", [pooled], OnnxGraph.Integer("axis", 1));
    }

    private string Linear(FoldedStep step)
    {
        var shape = step.Weight.Shape; // [O, I]
        var weight = graph.Numbers(step.Name + ".weight", network.Backend.Device.ToHost<float>(step.Weight), [shape[0], shape[1]]);
        var product = graph.Add(step.Name, "Gemm", [_values[step.Input], weight, Bias(step)], OnnxGraph.Integer("transB", 1));
        return step.Activation switch
        {
            ActivationKind.None => product,
            ActivationKind.Relu => graph.Add(step.Name, "Relu", [product]),
            ActivationKind.Sigmoid => graph.Add(step.Name, "Sigmoid", [product]),
            _ => throw new InvalidOperationException($"step '{step.Name}' has the activation {step.Activation}, which ONNX export does not know"),
        };
    }

    private string Excite(FoldedStep step)
    {
        var scale = graph.Add(step.Name, "Unsqueeze", [_values[step.Excitation], graph.Integers("picture.axes", 2, 3)]); // [N, C, 1, 1]
        return graph.Add(step.Name, "Mul", [_values[step.Input], scale]);
    }

    private string AddResidual(FoldedStep step, string value) => graph.Add(step.Name, "Add", [value, _values[step.Residual]]);

    private string Activate(string layer, string value, float slope) => slope switch
    {
        1 => value,
        0 => graph.Add(layer, "Relu", [value]),
        _ => graph.Add(layer, "LeakyRelu", [value], OnnxGraph.Single("alpha", slope)),
    };

    private string Bias(FoldedStep step) => graph.Numbers(step.Name + ".bias", network.Backend.Device.ToHost<float>(step.Bias), [step.Bias.Shape[0]]);

    // [K, R, S, C] to [K, C, R, S]
    private float[] ChannelsFirst(Tensor weight)
    {
        var source = network.Backend.Device.ToHost<float>(weight);
        var (taps, channels) = (weight.Shape[1] * weight.Shape[2], weight.Shape[3]);
        var result = new float[source.Length];
        for (var i = 0; i < source.Length; i++)
        {
            var (output, tap, channel) = (i / (taps * channels), i / channels % taps, i % channels);
            result[((output * channels) + channel) * taps + tap] = source[i];
        }
        return result;
    }
}
