namespace Flixstock.Engine;

/// <summary>
/// A custom <see cref="FoldedStep"/> that ONNX operators can express: <see cref="OnnxExporter"/> asks it for them.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public interface IOnnxStep
{
    /// <summary>Appends the operators that compute the step.</summary>
    /// <param name="nodes">Receives the operators.</param>
    /// <param name="inputs">
    /// Names of the values that the step reads, in their order: activations are [N, C, H, W] in ONNX, vectors [N, C].
    /// </param>
    /// <returns>Name of the value that the step writes.</returns>
    string ToOnnx(OnnxNodes nodes, IReadOnlyList<string> inputs);
}

/// <summary>The operators of one custom step in an ONNX graph.</summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class OnnxNodes
{
    private readonly OnnxGraph _graph;
    private readonly string _layer;
    private int _count;

    internal OnnxNodes(OnnxGraph graph, string layer) => (_graph, _layer) = (graph, layer);

    /// <summary>Appends an operator without attributes.</summary>
    /// <param name="operation">Name of the operator in ONNX: <c>Mul</c>, <c>Sigmoid</c>.</param>
    /// <param name="inputs">Names of the values it reads.</param>
    /// <returns>Name of the value it writes.</returns>
    public string Add(string operation, params string[] inputs) =>
        _graph.Add(_count++ == 0 ? _layer : $"{_layer}.{_count}", operation, inputs);

    /// <summary>A constant in the type of the activations.</summary>
    /// <param name="values">The values, row by row.</param>
    /// <param name="extents">The constant's shape, as ONNX orders it.</param>
    /// <returns>Name of the constant.</returns>
    /// <exception cref="InputException">A value is too large for half precision.</exception>
    public string Constant(IReadOnlyList<float> values, params long[] extents) =>
        _graph.Numbers($"{_layer}.constant{++_count}", [.. values], extents);
}
