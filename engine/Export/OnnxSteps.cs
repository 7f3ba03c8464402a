namespace Flixstock.Engine;

/// <summary>
/// Writes the steps of a folded network as ONNX operators. Values are [N, C, H, W], [N, L, C] or [N, C] there; those of
/// attention's probabilities are [N, heads, L, S].
/// </summary>
/// <param name="graph">The graph to append to.</param>
/// <param name="device">Holds the weights, in the order of their shapes.</param>
/// <param name="steps">The steps in the order of computation.</param>
/// <param name="size">Pixels, height and width of the input.</param>
/// <param name="opset">Version of the operators.</param>
internal sealed class OnnxSteps(
    OnnxGraph graph, Device device, IReadOnlyList<FoldedStep> steps, int size,
    int opset = OnnxExportOptions.DefaultOpset)
{
    private readonly string[] _values = new string[steps.Count + 1];
    private readonly Shape[] _shapes = new Shape[steps.Count + 1]; // as the engine has them, of one picture
    private readonly OnnxRows _rows = new(graph, device, opset);

    /// <summary>Appends all steps.</summary>
    /// <param name="input">[N, 3, H, W], from 0 to 1, in the type of the activations.</param>
    /// <returns>Name of the logits, [N, classes].</returns>
    /// <exception cref="InputException">ONNX export does not know one of the steps.</exception>
    public string Translate(string input)
    {
        (_values[0], _shapes[0]) = (input, new Shape(1, size, size, 3));
        for (var i = 0; i < steps.Count; i++)
        {
            _values[i + 1] = Translate(steps[i]);
            _shapes[i + 1] = steps[i].OutputShape([.. steps[i].Inputs.Select(value => _shapes[value])]);
        }
        return _values[^1];
    }

    private string Translate(FoldedStep step) => step switch
    {
        // ONNX numbers the new channels (dy * block + dx) * C + c, as the engine does.
        SpaceToDepthStep rearrange =>
            graph.Add(step.Name, "SpaceToDepth", [Input(step)], OnnxGraph.Integer("blocksize", rearrange.Block)),
        ConvolutionStep convolution => Convolution(convolution),
        BlurPoolStep => BlurPool(step),
        AveragePoolStep => AveragePool(step),
        GlobalAveragePoolStep => GlobalAveragePool(step),
        LinearStep linear => Linear(linear),
        LayerNormStep norm => _rows.LayerNorm(norm, Input(step)),
        GroupedLinearStep linear => _rows.GroupedLinear(linear, Input(step)),
        AttentionWeightsStep weights =>
            _rows.Weights(weights, Input(step), Input(step, 1), _shapes[step.Inputs[0]].Channels),
        AttentionValuesStep values =>
            _rows.Values(values, Input(step), Input(step, 1), _shapes[step.Inputs[1]].Channels),
        AddStep => Sum(step, Input(step), Input(step, 1)),
        PixelRowsStep => _rows.PixelRows(step, Input(step)),
        PixelMeanStep => _rows.PixelMean(step, Input(step)),
        BoostStep boost => _rows.Boost(boost, Input(step)),
        DecoderQueriesStep queries => _rows.Queries(queries),
        ActivationStep activation => Activate(step.Name, Input(step), activation.Kind),
        ExciteStep => Excite(step),
        ExciteResidualReluStep => Activate(step.Name, Sum(step, Excite(step), Input(step, 2)), slope: 0),
        IOnnxStep custom =>
            custom.ToOnnx(new OnnxNodes(graph, step.Name), [.. step.Inputs.Select(value => _values[value])]),
        _ => throw new InputException(
            $"step '{step.Name}' is a {step.GetType().Name}, which ONNX export cannot translate: "
            + $"implement {nameof(IOnnxStep)} on it, or fold its layer into steps of the engine"),
    };

    private string Input(FoldedStep step, int number = 0) => _values[step.Inputs[number]];

    private string Convolution(ConvolutionStep step)
    {
        var shape = step.Weight.Shape; // [K, R, S, C]
        var weight = graph.Numbers(
            step.Name + ".weight", ChannelsFirst(step.Weight), [shape[0], shape[3], shape[1], shape[2]]);
        var convolved = graph.Add(
            step.Name,
            "Conv",
            [Input(step), weight, Bias(step, step.Bias)],
            OnnxGraph.List("kernel_shape", shape[1], shape[2]),
            OnnxGraph.List("strides", step.Geometry.Stride, step.Geometry.Stride),
            OnnxGraph.List("pads", Enumerable.Repeat((long)step.Geometry.Padding, 4).ToArray()));
        var sum = step.HasResidual ? Sum(step, convolved, Input(step, 1)) : convolved;
        return Activate(step.Name, sum, step.Slope);
    }

    // A reflected border, then the filter [1 2 1] x [1 2 1] / 16 on each channel separately; its numbers are exact in
    // half precision too.
    private string BlurPool(FoldedStep step)
    {
        var channels = _shapes[step.Inputs[0]].Channels;
        var padded = graph.Add(
            step.Name,
            "Pad",
            [Input(step), graph.Integers("blur.border", 0, 0, 1, 1, 0, 0, 1, 1)],
            OnnxGraph.Text("mode", "reflect"));
        float[] row = [0.25f, 0.5f, 0.25f];
        float[] filter = [.. row.SelectMany(a => row.Select(b => a * b))];
        float[] filters = [.. Enumerable.Repeat(filter, channels).SelectMany(values => values)];
        var weight = graph.Numbers($"blur.weight.{channels}", filters, [channels, 1, 3, 3]);
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
        [Input(step)],
        OnnxGraph.List("kernel_shape", 2, 2),
        OnnxGraph.List("strides", 2, 2),
        OnnxGraph.Integer("ceil_mode", 1),
        OnnxGraph.Integer("count_include_pad", 0));

    private string GlobalAveragePool(FoldedStep step)
    {
        var pooled = graph.Add(step.Name, "GlobalAveragePool", [Input(step)]); // [N, C, 1, 1]
        return graph.Add(step.Name, "Flatten", [pooled], OnnxGraph.Integer("axis", 1));
    }

    private string Linear(LinearStep step)
    {
        if (_shapes[step.Inputs[0]].Rank == 3)
            return Activate(step.Name, _rows.Linear(step, Input(step)), step.Activation);
        var shape = step.Weight.Shape; // [O, I]
        var weight = graph.Numbers(step.Name + ".weight", device.ToHost<float>(step.Weight), [shape[0], shape[1]]);
        var product = graph.Add(
            step.Name, "Gemm", [Input(step), weight, Bias(step, step.Bias)], OnnxGraph.Integer("transB", 1));
        return Activate(step.Name, product, step.Activation);
    }

    private string Excite(FoldedStep step)
    {
        // [N, C] to [N, C, 1, 1]
        var scale = graph.Add(step.Name, "Unsqueeze", [Input(step, 1), graph.Integers("picture.axes", 2, 3)]);
        return graph.Add(step.Name, "Mul", [Input(step), scale]);
    }

    private string Sum(FoldedStep step, string value, string residual) =>
        graph.Add(step.Name, "Add", [value, residual]);

    private string Activate(string layer, string value, ActivationKind activation) => activation switch
    {
        ActivationKind.None => value,
        ActivationKind.Relu => graph.Add(layer, "Relu", [value]),
        ActivationKind.Sigmoid => graph.Add(layer, "Sigmoid", [value]),
        _ => throw new InputException(
            $"step '{layer}' has the activation {activation}, which ONNX export cannot translate"),
    };

    private string Activate(string layer, string value, float slope) => slope switch
    {
        1 => value,
        0 => graph.Add(layer, "Relu", [value]),
        _ => graph.Add(layer, "LeakyRelu", [value], OnnxGraph.Single("alpha", slope)),
    };

    private string Bias(FoldedStep step, Tensor bias) =>
        graph.Numbers(step.Name + ".bias", device.ToHost<float>(bias), [bias.Shape[0]]);

    // [K, R, S, C] to [K, C, R, S]
    private float[] ChannelsFirst(Tensor weight)
    {
        var source = device.ToHost<float>(weight);
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
