namespace Flixstock.Engine;

/// <summary>
/// The entries of one kernel of a <c>.cu</c> file: by element type, and each as the 16-byte path or the one that takes
/// any address and channel count. Resolved on the first launch and kept, so that a warm launch builds no name.
/// </summary>
/// <param name="file">The file in <c>kernels/</c>, without its ending.</param>
/// <param name="name">The entries' name without suffix.</param>
internal sealed class KernelEntries(string file, string name)
{
    // The 16-byte paths by type, those that take any address and channel count by type, and the kernel that has only
    // one entry.
    private const int Types = 3;
    private static readonly string[] Suffixes = ["_f32", "_f16", "_bf16", "_f32_any", "_f16_any", "_bf16_any", ""];

    private readonly CudaFunction[] _entries = new CudaFunction[Suffixes.Length];

    /// <summary>The entry of a kernel that has only one.</summary>
    public CudaFunction Only(CudaDevice device) => Resolve(device, 2 * Types);

    /// <summary>The entry for this element type.</summary>
    /// <param name="device">The device that loads the kernels.</param>
    /// <param name="type">Float32, Float16 or BFloat16.</param>
    /// <param name="fast">True for the entry with 16-byte accesses.</param>
    public CudaFunction Of(CudaDevice device, ElementType type, bool fast = true)
    {
        var at = type switch
        {
            ElementType.Float32 => 0,
            ElementType.Float16 => 1,
            ElementType.BFloat16 => 2,
            _ => throw new EngineException($"{name} computes in Float32, Float16 or BFloat16, not in {type}"),
        };
        return Resolve(device, fast ? at : at + Types);
    }

    private CudaFunction Resolve(CudaDevice device, int at)
    {
        if (_entries[at].Name is null)
            _entries[at] = device.Kernel(file, name + Suffixes[at]);
        return _entries[at];
    }
}
