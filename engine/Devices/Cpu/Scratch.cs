namespace Flixstock.Engine;

/// <summary>
/// Memory that kernels need while they run: numbered buffers that only grow, so that a warm call allocates nothing.
/// Contents are undefined when a kernel starts; they belong to one calling thread, and one kernel at a time. The device
/// frees them with everything else.
/// </summary>
internal sealed unsafe class Scratch(CpuDevice device)
{
    /// <summary>Number of buffers that a kernel may use at once.</summary>
    public const int Slots = 8;

    private readonly Tensor[] _buffers = new Tensor[Slots];

    /// <summary>
    /// Buffer number <paramref name="slot"/>, at least <paramref name="count"/> floats, 256-byte aligned.
    /// </summary>
    public float* Floats(int slot, long count)
    {
        if (_buffers[slot].Count < count)
            Grow(slot, count);
        return _buffers[slot].Pointer();
    }

    /// <summary>Same as <see cref="Floats"/>, in doubles.</summary>
    public double* Doubles(int slot, long count) => (double*)Floats(slot, 2 * count);

    private void Grow(int slot, long count)
    {
        if (_buffers[slot].Exists)
            device.Free(_buffers[slot]);
        _buffers[slot] = Tensor.None;
        _buffers[slot] = device.Allocate(new Shape(checked((int)((count + 1023) / 1024)), 1024));
    }
}
