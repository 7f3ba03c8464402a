namespace Flixstock.Engine;

/// <summary>
/// The source of activations. A step takes and releases tensors in the same order every time, so a plan made from one
/// dry step (<see cref="RecordingArena"/>) gives each request its address for all the steps that follow
/// (<see cref="PlannedArena"/>).
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public abstract class TensorArena
{
    /// <summary>A tensor with undefined contents, valid until it is released or the arena is reset.</summary>
    public abstract Tensor Take(Shape shape, ElementType type = ElementType.Float32);

    /// <summary>
    /// Declares that this tensor is no longer read. Views are released through the tensor they were taken from.
    /// </summary>
    public abstract void Release(Tensor tensor);

    /// <summary>Starts the next step: everything still taken is released.</summary>
    public abstract void Reset();
}
