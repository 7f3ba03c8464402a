using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Ranges of NVTX, as Nsight Systems shows them above the kernels of a thread. Costs two short calls a range, nothing
/// while no tool is attached.
/// </summary>
/// <remarks>Threads: any number.</remarks>
internal sealed unsafe class NvtxRanges : IRangeObserver
{
    // The same few hundred names in every step.
    private readonly Dictionary<string, byte[]> _names = new(StringComparer.Ordinal);

    private NvtxRanges()
    {
    }

    /// <summary>Ranges for Nsight; null if NVTX is not installed, on which nothing depends.</summary>
    public static IRangeObserver? Open() =>
        NativeLibraries.Process.Open(CudaLibrary.Nvtx).IsAvailable ? new NvtxRanges() : null;

    /// <inheritdoc />
    public void Push(string name)
    {
        if (!_names.TryGetValue(name, out var text))
            _names[name] = text = Encoding.UTF8.GetBytes(name + "\0");
        fixed (byte* first = text)
            _ = Nvtx.nvtxRangePushA(first); // negative without a tool
    }

    /// <inheritdoc />
    public void Pop() => _ = Nvtx.nvtxRangePop();
}
