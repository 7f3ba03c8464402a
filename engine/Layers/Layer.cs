namespace Flixstock.Engine;

/// <summary>
/// A step of a network with a forward pass and a backward pass written by hand. Subclass it in any assembly; check the
/// backward pass with <c>GradientCheck</c>.
/// </summary>
/// <remarks>
/// Threads: one at a time. Who owns what: <see cref="Forward"/> takes its output from the pass's arena (or returns its
/// input's memory, see <see cref="InPlace"/>) and may keep references to input and output for the backward pass; the
/// caller releases the output once it is no longer read. Tensors a layer takes for itself it releases itself, at the
/// latest at the end of <see cref="Backward"/>. In <see cref="Backward"/> the caller provides both gradients; the layer
/// may destroy <c>outputGradient</c>. A layer keeps state between the two, so one instance serves one step at a time.
/// </remarks>
/// <param name="name">Prefix of the parameters' names in state dicts, and the name in messages.</param>
public abstract class Layer(string name)
{
    /// <summary>Prefix of the parameters' names in state dicts, and the name in messages.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// True if the forward pass writes its output over its input and the backward pass turns the output's gradient into
    /// the input's in place. Such a layer is called with <c>inputGradient</c> in the same memory as
    /// <c>outputGradient</c>, and cannot accumulate.
    /// </summary>
    public virtual bool InPlace => false;

    /// <summary>
    /// True if what the layer shows to <see cref="Pass.Done"/> changes slope at zero, as after a ReLU: differences
    /// across such a point
    /// say nothing about the gradient, and a gradient check leaves them out.
    /// </summary>
    public virtual bool HasKinkAtZero => false;

    /// <summary>Own parameters, in state-dict order (layers inside are <see cref="Children"/>).</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Layers inside this one, in state-dict order.</summary>
    public virtual IReadOnlyList<Layer> Children => [];

    /// <summary>Parameters of this layer and all inside it, in state-dict order.</summary>
    public virtual IEnumerable<Parameter> AllParameters =>
        Parameters.Concat(Children.SelectMany(child => child.AllParameters));

    /// <summary>The output's shape.</summary>
    /// <exception cref="ShapeException">The layer cannot take such an input.</exception>
    public abstract Shape OutputShape(Shape input);

    /// <summary>Computes the output and keeps what the backward pass needs.</summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="input">Left as it is unless the layer is <see cref="InPlace"/>.</param>
    public abstract Tensor Forward(Pass pass, Tensor input);

    /// <summary>
    /// Computes the gradients of the last forward pass: the parameters' are written, the input's is written or, with
    /// <paramref name="accumulate"/>, added to what it holds.
    /// </summary>
    /// <param name="pass">The pass the forward was computed with.</param>
    /// <param name="outputGradient">Gradient of the output; may be destroyed.</param>
    /// <param name="inputGradient">Receives the input's gradient; <see cref="Tensor.None"/> if it is not
    /// needed.</param>
    /// <param name="accumulate">Add instead of overwrite: for inputs that both a skip path and a main path
    /// read.</param>
    public abstract void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate);
}
