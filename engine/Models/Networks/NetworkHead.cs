namespace Flixstock.Engine;

/// <summary>
/// The part of a network that turns the body's features into scores. Its last layer is the classifier, whose rows are
/// the classes.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
/// <param name="name">Prefix of its parameters' names in state dicts.</param>
public abstract class NetworkHead(string name)
{
    /// <summary>Prefix of its parameters' names in state dicts.</summary>
    public string Name { get; } = name;

    /// <summary>The layers in state-dict order.</summary>
    public abstract IReadOnlyList<Layer> Layers { get; }

    /// <summary>Computes the scores and keeps what the backward pass needs.</summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="features">[N, h, w, C]; stays the body's.</param>
    /// <returns>[N, classes] from the pass's arena; the caller's.</returns>
    public abstract Tensor Forward(Pass pass, Tensor features);

    /// <summary>All gradients of the last forward pass; releases everything that it kept.</summary>
    /// <param name="pass">The pass that the forward call was given.</param>
    /// <param name="logitsGradient">[N, classes], may be destroyed; stays the caller's.</param>
    /// <returns>[N, h, w, C], the features' gradient, from the pass's arena; the caller releases it.</returns>
    public abstract Tensor Backward(Pass pass, Tensor logitsGradient);

    /// <summary>Appends the steps of inference.</summary>
    /// <param name="builder">Collects the steps and their weights.</param>
    /// <param name="features">Number of the value that holds the features.</param>
    /// <returns>Number of the value that holds the scores.</returns>
    public abstract int Fold(FoldedBuilder builder, int features);

    /// <summary>
    /// True if a tensor of this name belongs to the classifier, which starts fresh if the classes change.
    /// </summary>
    /// <param name="parameter">A name, of this network's or of a file's.</param>
    public abstract bool IsClassifier(string parameter);

    /// <summary>True if a tensor of this name belongs to a head.</summary>
    /// <param name="parameter">A name, of this network's or of a file's.</param>
    public bool Contains(string parameter) => parameter.StartsWith(Name + ".", StringComparison.Ordinal);
}
