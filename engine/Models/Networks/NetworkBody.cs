namespace Flixstock.Engine;

/// <summary>
/// The part of a network that turns pictures into features; the <see cref="NetworkHead"/> turns those into scores. The
/// two know nothing of each other but the shape between them.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public abstract class NetworkBody
{
    /// <summary>The layers in state-dict order, residual blocks as one layer each.</summary>
    public abstract IReadOnlyList<Layer> Layers { get; }

    /// <summary>
    /// Weights of norms that start at 0 instead of 1: usually the last one of each residual branch, so that a fresh
    /// block is the identity.
    /// </summary>
    public virtual IEnumerable<Parameter> ZeroInitialized => [];

    /// <summary>Computes the features and keeps what the backward pass needs.</summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="input">[N, H, W, 3], bytes or singles from 0 to 1; stays the caller's.</param>
    /// <returns>[N, h, w, C] from the pass's arena; this object's until <see cref="Backward"/> releases it.</returns>
    public abstract Tensor Forward(Pass pass, Tensor input);

    /// <summary>All gradients of the last forward pass; releases everything that it kept.</summary>
    /// <param name="pass">The pass that the forward call was given.</param>
    /// <param name="featuresGradient">[N, h, w, C]; this object releases it.</param>
    /// <param name="inputGradient">[N, H, W, 3], or <see cref="Tensor.None"/> if it is not needed.</param>
    public abstract void Backward(Pass pass, Tensor featuresGradient, Tensor inputGradient);

    /// <summary>Appends the steps of inference: norms folded into the convolutions before them.</summary>
    /// <param name="builder">Collects the steps and their weights.</param>
    /// <param name="input">Number of the value that holds the pictures.</param>
    /// <returns>Number of the value that holds the features.</returns>
    public abstract int Fold(FoldedBuilder builder, int input);
}
