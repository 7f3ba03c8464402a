namespace Flixstock.Engine;

/// <summary>
/// Steps over rows of vectors, [N, L, D] in ONNX as here, as ONNX operators. Extents of 0 in a new shape stand for
/// those that are there, so that the batch may be any.
/// </summary>
/// <param name="graph">The graph to append to.</param>
/// <param name="device">Holds the weights, in the order of their shapes.</param>
/// <param name="opset">Version of the operators.</param>
internal sealed class OnnxRows(OnnxGraph graph, Device device, int opset)
{
    private const int Rest = -1, LayerNormOpset = 17;

    /// <summary>[N, C, H, W] as [N, H * W, C].</summary>
    public string PixelRows(FoldedStep step, string input)
    {
        var flat = Reshape(step.Name, input, 0, 0, Rest); // [N, C, H * W]
        return Transpose(step.Name, flat, 0, 2, 1);
    }

    /// <summary>The mean of all pixels, as a pooling of [N, C, S, 1], which every version has.</summary>
    public string PixelMean(FoldedStep step, string input)
    {
        var pixels = Reshape(step.Name + ".pixels", Transpose(step.Name, input, 0, 2, 1), 0, 0, Rest, 1);
        return Reshape(step.Name, graph.Add(step.Name, "GlobalAveragePool", [pixels]), 0, 0);
    }

    /// <summary>The greater of x and factor * x, which are equal at 0.</summary>
    public string Boost(BoostStep step, string input)
    {
        var factor = graph.Numbers(step.Name + ".factor", [step.Factor], [1]);
        return graph.Add(step.Name, "Max", [input, graph.Add(step.Name, "Mul", [input, factor])]);
    }

    /// <summary>A constant of one picture, which ONNX's operators repeat themselves.</summary>
    public string Queries(DecoderQueriesStep step)
    {
        var shape = step.Vectors.Shape;
        return graph.Numbers(step.Name, device.ToHost<float>(step.Vectors), [1, shape[0], shape[1]]);
    }

    /// <summary>A linear layer over rows; its activation is the caller's.</summary>
    public string Linear(LinearStep step, string input)
    {
        var (outputs, inputs) = (step.Weight.Shape[0], step.Weight.Shape[1]);
        var turned = Turned(device.ToHost<float>(step.Weight), outputs, inputs);
        var weight = graph.Numbers(step.Name + ".weight", turned, [inputs, outputs]);
        return Biased(step.Name, graph.Add(step.Name, "MatMul", [input, weight]), step.Bias);
    }

    /// <summary>Each group's vectors by its own matrix, then the classes that are not cut off.</summary>
    public string GroupedLinear(GroupedLinearStep step, string input)
    {
        var shape = step.Weight.Shape; // [G, D, F]
        var weight = graph.Numbers(
            step.Name + ".weight", device.ToHost<float>(step.Weight), [shape[0], shape[1], shape[2]]);
        var groups = Transpose(step.Name + ".groups", input, 1, 0, 2); // [G, N, D]
        var products = graph.Add(step.Name, "MatMul", [groups, weight]); // [G, N, F]
        var scores = Reshape(step.Name, Transpose(step.Name, products, 1, 0, 2), 0, Rest); // [N, G * F]
        var classes = step.Bias.Shape[0];
        if (classes < shape[0] * shape[2])
        {
            var (first, axis) = (graph.Integers("slice.first", 0), graph.Integers("slice.axis", 1));
            scores = graph.Add(
                step.Name, "Slice", [scores, first, graph.Integers($"slice.end.{classes}", classes), axis]);
        }
        return Biased(step.Name, scores, step.Bias);
    }

    /// <summary>
    /// Probabilities [N, heads, L, S]; the queries are scaled first, so that half precision holds the products.
    /// </summary>
    public string Weights(AttentionWeightsStep step, string query, string key, int width)
    {
        var perHead = width / step.Heads;
        var scale = graph.Numbers($"attention.scale.{perHead}", [(float)(1 / Math.Sqrt(perHead))], [1]);
        var scaled = graph.Add(step.Name, "Mul", [query, scale]);
        // [N, heads, L, D / heads] and [N, heads, D / heads, S]
        var queries = Heads(step.Name + ".queries", scaled, step.Heads, perHead, 0, 2, 1, 3);
        var keys = Heads(step.Name + ".keys", key, step.Heads, perHead, 0, 2, 3, 1);
        var scores = graph.Add(step.Name, "MatMul", [queries, keys]);
        return graph.Add(step.Name, "Softmax", [scores], OnnxGraph.Integer("axis", -1));
    }

    /// <summary>[N, L, D] of probabilities [N, heads, L, S].</summary>
    public string Values(AttentionValuesStep step, string weights, string value, int width)
    {
        var values = Heads(step.Name + ".rows", value, step.Heads, width / step.Heads, 0, 2, 1, 3);
        var products = graph.Add(step.Name, "MatMul", [weights, values]); // [N, heads, L, D / heads]
        return Reshape(step.Name, Transpose(step.Name, products, 0, 2, 1, 3), 0, 0, width);
    }

    /// <summary>One operator since opset 17, before it what that one is made of.</summary>
    public string LayerNorm(LayerNormStep step, string input)
    {
        var weight = graph.Numbers(step.Name + ".weight", device.ToHost<float>(step.Weight), [step.Weight.Shape[0]]);
        var epsilon = step.Epsilon;
        if (opset >= LayerNormOpset)
        {
            return graph.Add(
                step.Name, "LayerNormalization", [input, weight, Bias(step.Name, step.Bias)],
                OnnxGraph.Integer("axis", -1), OnnxGraph.Single("epsilon", epsilon));
        }
        var mean = graph.Add(step.Name + ".mean", "ReduceMean", [input], OnnxGraph.List("axes", -1));
        var distance = graph.Add(step.Name, "Sub", [input, mean]);
        var squares = graph.Add(step.Name + ".squares", "Mul", [distance, distance]);
        var variance = graph.Add(step.Name + ".variance", "ReduceMean", [squares], OnnxGraph.List("axes", -1));
        var shifted = graph.Add(
            step.Name + ".variance", "Add", [variance, graph.Numbers(step.Name + ".epsilon", [epsilon], [1])]);
        var normalized = graph.Add(
            step.Name, "Div", [distance, graph.Add(step.Name + ".variance", "Sqrt", [shifted])]);
        return Biased(step.Name, graph.Add(step.Name, "Mul", [normalized, weight]), step.Bias);
    }

    // [N, R, D] as [N, R, heads, D / heads], with the axes in another order.
    private string Heads(string layer, string rows, int heads, int perHead, params long[] order) =>
        Transpose(layer, Reshape(layer, rows, 0, 0, heads, perHead), order);

    private string Transpose(string layer, string value, params long[] order) =>
        graph.Add(layer, "Transpose", [value], OnnxGraph.List("perm", order));

    private string Reshape(string layer, string value, params long[] extents) =>
        graph.Add(layer, "Reshape", [value, graph.Integers("shape." + string.Join('.', extents), extents)]);

    private string Biased(string layer, string value, Tensor bias) =>
        graph.Add(layer, "Add", [value, Bias(layer, bias)]);

    private string Bias(string layer, Tensor bias) =>
        graph.Numbers(layer + ".bias", device.ToHost<float>(bias), [bias.Shape[0]]);

    // [rows, columns] as [columns, rows]
    private static float[] Turned(float[] matrix, int rows, int columns)
    {
        var result = new float[matrix.Length];
        for (var i = 0; i < matrix.Length; i++)
            result[i % columns * rows + i / columns] = matrix[i];
        return result;
    }
}
