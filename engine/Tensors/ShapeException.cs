namespace Flixstock.Engine;

/// <summary>A layer was given a tensor it cannot take. Names the layer, the tensor and the shapes.</summary>
public sealed class ShapeException(string layer, string tensor, Shape actual, string expected)
    : InputException($"layer '{layer}': {tensor} has shape {actual}, expected {expected}");
