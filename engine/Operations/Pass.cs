namespace Flixstock.Engine;

/// <summary>What a layer needs to compute: the kernels of the chosen device, a place for activations, and whether this is training.</summary>
/// <param name="Kernels">The operations of the chosen device.</param>
/// <param name="Arena">Where outputs and temporary tensors come from.</param>
/// <param name="Training">True: batch statistics, running statistics updated. False: running statistics are used.</param>
public sealed record Pass(IKernels Kernels, TensorArena Arena, bool Training)
{
    /// <summary>A tensor from the arena.</summary>
    public Tensor Take(Shape shape, ElementType type = ElementType.Float32) => Arena.Take(shape, type);

    /// <summary>Gives a tensor back to the arena.</summary>
    public void Release(Tensor tensor) => Arena.Release(tensor);
}
