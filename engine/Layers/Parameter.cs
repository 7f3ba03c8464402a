namespace Flixstock.Engine;

/// <summary>The part of the flat buffer that a parameter lies in.</summary>
public enum ParameterKind
{
    /// <summary>Trained, with weight decay: weights of 2 to 4 axes.</summary>
    Weight,
    /// <summary>Trained, without weight decay: biases and other 1-D parameters.</summary>
    Vector,
    /// <summary>Not trained: running mean and variance.</summary>
    RunningStatistic,
}

/// <summary>
/// A tensor of a layer that a checkpoint holds. Its memory is a part of a <see cref="ParameterBuffer"/>.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
/// <param name="name">Name in published state dicts, <c>body.layer1.0.conv1.0.weight</c>.</param>
/// <param name="shape">
/// Shape on the device: [K, R, S, C] for convolutions, [O, I] for linear layers, [G, D, F] for groups of them, [C] for
/// vectors.
/// </param>
/// <param name="kind">Trained with decay, trained without, or not trained.</param>
public sealed class Parameter(string name, Shape shape, ParameterKind kind)
{
    /// <summary>Name in published state dicts.</summary>
    public string Name { get; } = name;

    /// <summary>Shape on the device.</summary>
    public Shape Shape { get; } = shape;

    /// <summary>Trained with decay, trained without, or not trained.</summary>
    public ParameterKind Kind { get; } = kind;

    /// <summary>
    /// The part of <see cref="Shape"/> that is published, in the same order of axes: smaller if a device needs padded
    /// channels. What lies outside is zero and
    /// stays zero.
    /// </summary>
    public Shape PublishedShape { get; init; } = shape;

    /// <summary>
    /// Standard deviation of the normal distribution that a fresh network draws it from; null: what the network does
    /// with a parameter of its name and shape, see <see cref="Network.Initialize"/>.
    /// </summary>
    public double? InitialDeviation { get; init; }

    /// <summary>
    /// True for squeeze-excite's 1x1 convolutions, which compute as [O, I] here but are published as [O, I, 1, 1].
    /// </summary>
    public bool PublishedAsConvolution { get; init; }

    /// <summary>The value; set when the parameter is bound to a buffer.</summary>
    public Tensor Value { get; internal set; }

    /// <summary>
    /// What convolutions read: <see cref="Value"/> rounded to the activations' type, kept up to date by the optimizer.
    /// The same tensor as <see cref="Value"/> in single precision, and for everything but convolution weights.
    /// </summary>
    public Tensor Compute { get; internal set; }

    /// <summary>
    /// The gradient, of the type of <see cref="Compute"/>, written (not added to) by the layer's backward pass;
    /// <see cref="Tensor.None"/> for running statistics.
    /// </summary>
    public Tensor Gradient { get; internal set; }
}
