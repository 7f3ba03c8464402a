namespace Flixstock.Engine;

/// <summary>
/// A step of a folded network (see <see cref="FoldedNetwork"/>): reads numbered values and writes the next one. Value 0
/// is the network's input; step number i writes value i + 1. Subclass it in any assembly to run a custom layer in a
/// folded network; <see cref="FoldedBuilder"/> adds steps and keeps their weights.
/// </summary>
/// <remarks>
/// Threads: any number. A step only describes a computation and never changes; the network that runs it sees to it that
/// one thread at a time computes.
/// </remarks>
public abstract class FoldedStep
{
    /// <summary>Number of no value: for an input that a step can do without.</summary>
    public const int NoValue = -1;

    /// <summary>A step that reads these values.</summary>
    /// <param name="name">Published name of the layer it comes from: in messages, profiles and exported files.</param>
    /// <param name="inputs">Numbers of the values it reads; each <see cref="NoValue"/> is left out.</param>
    protected FoldedStep(string name, params ReadOnlySpan<int> inputs)
    {
        Name = name;
        var numbers = inputs.ToArray();
        Inputs = Array.FindAll(numbers, number => number != NoValue);
    }

    /// <summary>Published name of the layer it comes from.</summary>
    public string Name { get; }

    /// <summary>Numbers of the values it reads, in the order in which <see cref="Execute"/> gets them.</summary>
    public IReadOnlyList<int> Inputs { get; }

    /// <summary>Shape of the value the step writes.</summary>
    /// <param name="inputs">Shapes of the values it reads, in the order of <see cref="Inputs"/>.</param>
    /// <returns>
    /// [N, H, W, C], a value in the type of the backend's activations, or a shape of lower rank such as [N, C], a value
    /// in single precision.
    /// </returns>
    public abstract Shape OutputShape(params ReadOnlySpan<Shape> inputs);

    /// <summary>Computes the step's value, by kernels alone: the calls may be recorded once and replayed.</summary>
    /// <param name="kernels">The operations of the device.</param>
    /// <param name="inputs">The values it reads, in the order of <see cref="Inputs"/>.</param>
    /// <param name="output">Gets the value, of the shape that <see cref="OutputShape"/> gives.</param>
    public abstract void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output);

    /// <summary>
    /// Where the pixels that the step writes lie on those of a value that it reads; for [N, H, W, C] alone. Pixel on
    /// pixel unless the step says otherwise.
    /// </summary>
    /// <param name="input">Place of the value in <see cref="Inputs"/>.</param>
    public virtual PixelGrid Grid(int input) => PixelGrid.Same;

    /// <summary>
    /// True if <see cref="Backward"/> is there. A network can be explained whose steps after the features all have it.
    /// </summary>
    public virtual bool HasBackward => false;

    /// <summary>The gradient of the one value that the step reads; its weights get none.</summary>
    /// <param name="kernels">The operations of the device.</param>
    /// <param name="input">The value that it read.</param>
    /// <param name="output">The value that it wrote.</param>
    /// <param name="outputGradient">Gradient of that value, in its shape and type; may be destroyed.</param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="inputGradient">Gets the gradient, in the shape and type of <paramref name="input"/>.</param>
    /// <exception cref="NotSupportedException"><see cref="HasBackward"/> is false.</exception>
    public virtual void Backward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor output, Tensor outputGradient, bool accumulate,
        Tensor inputGradient) =>
        throw new NotSupportedException($"step '{Name}' has no backward pass");
}
