namespace Flixstock.Engine;

/// <summary>
/// Allocates what is asked for and keeps released memory for the next request of the same size: for tests, gradient
/// checks and single layers. A training step uses a <see cref="PlannedArena"/>.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class DynamicArena(Device device) : TensorArena, IDisposable
{
    private readonly Dictionary<long, Stack<Tensor>> _free = [];
    private readonly Dictionary<nint, Tensor> _taken = [];
    private bool _disposed;

    /// <inheritdoc />
    public override Tensor Take(Shape shape, ElementType type = ElementType.Float32)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var bytes = shape.Count * type.Size();
        var memory =
            _free.TryGetValue(bytes, out var stack) && stack.Count > 0 ? stack.Pop() : device.Allocate(shape, type);
        var tensor = new Tensor(memory.Address, shape, type);
        _taken.Add(tensor.Address, tensor);
        return tensor;
    }

    /// <inheritdoc />
    public override void Release(Tensor tensor)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_taken.Remove(tensor.Address, out var taken))
        {
            throw new ArgumentException(
                $"a tensor of shape {tensor.Shape} was released that is not taken", nameof(tensor));
        }
        Keep(taken);
    }

    /// <inheritdoc />
    public override void Reset()
    {
        foreach (var tensor in _taken.Values)
            Keep(tensor);
        _taken.Clear();
    }

    /// <summary>Gives all memory back to the device.</summary>
    public void Dispose()
    {
        Reset();
        _disposed = true;
        foreach (var tensor in _free.Values.SelectMany(stack => stack))
            device.Free(tensor);
        _free.Clear();
    }

    private void Keep(Tensor tensor)
    {
        if (!_free.TryGetValue(tensor.Bytes, out var stack))
            _free[tensor.Bytes] = stack = new Stack<Tensor>();
        stack.Push(tensor);
    }
}
