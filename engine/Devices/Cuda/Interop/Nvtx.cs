using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// NVTX: named ranges for Nsight. Push and pop on one thread. Without a tool attached both return a negative number and
/// do nothing; the library may be missing. https://nvidia.github.io/NVTX/
/// </summary>
internal static unsafe partial class Nvtx
{
    internal const string Library = "nvtx";

    [LibraryImport(Library)] internal static partial int nvtxRangePushA(byte* name);
    [LibraryImport(Library)] internal static partial int nvtxRangePop();
}
