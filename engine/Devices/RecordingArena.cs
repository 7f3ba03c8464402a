namespace Flixstock.Engine;

/// <summary>One tensor's life in a step: when it was taken and released, counted in requests.</summary>
/// <param name="Bytes">Size in bytes.</param>
/// <param name="Taken">Number of the event that took it.</param>
/// <param name="Released">
/// Number of the event that released it; <see cref="int.MaxValue"/> if the step's end did.
/// </param>
internal readonly record struct TensorLifetime(long Bytes, int Taken, int Released);

/// <summary>
/// Hands out addresses that must not be touched and writes down who lives when: one dry step over <c>NullKernels</c>
/// records a step's requests, before any memory is allocated.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class RecordingArena : TensorArena
{
    // Far from any real address, and far enough apart that views never meet.
    private const long Spacing = 1L << 40;
    private readonly List<TensorLifetime> _lifetimes = [];
    private readonly Dictionary<nint, int> _taken = [];
    private int _event;

    /// <summary>The lifetimes, in the order in which the tensors were taken.</summary>
    public IReadOnlyList<TensorLifetime> Lifetimes => _lifetimes;

    /// <summary>Index of the request that an address, or one inside its tensor, was given to.</summary>
    internal static int IndexOf(nint address) => (int)(address / Spacing) - 1;

    /// <inheritdoc />
    public override Tensor Take(Shape shape, ElementType type = ElementType.Float32)
    {
        var address = (nint)((_lifetimes.Count + 1) * Spacing);
        var tensor = new Tensor(address, shape, type);
        _taken.Add(address, _lifetimes.Count);
        _lifetimes.Add(new TensorLifetime(tensor.Bytes, _event++, int.MaxValue));
        return tensor;
    }

    /// <inheritdoc />
    public override void Release(Tensor tensor)
    {
        if (!_taken.Remove(tensor.Address, out var index))
        {
            throw new ArgumentException(
                $"a tensor of shape {tensor.Shape} was released that is not taken", nameof(tensor));
        }
        _lifetimes[index] = _lifetimes[index] with { Released = _event++ };
    }

    /// <inheritdoc />
    public override void Reset() => _taken.Clear();
}
