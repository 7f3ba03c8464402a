using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>nvmlMemory_t, bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlMemory
{
    internal ulong Total, Free, Used;
}

/// <summary>nvmlUtilization_t, percent of the last sample period.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlUtilization
{
    internal uint Gpu, Memory;
}

/// <summary>
/// NVIDIA Management Library: memory, power and utilisation. Native names, native argument order, nothing added.
/// Devices are found by their PCI bus: NVML's order does not follow CUDA_VISIBLE_DEVICES.
/// https://docs.nvidia.com/deploy/nvml-api/
/// </summary>
internal static unsafe partial class Nvml
{
    internal const string Library = "nvml";

    [LibraryImport(Library)] internal static partial int nvmlInit_v2();
    [LibraryImport(Library)] internal static partial int nvmlSystemGetDriverVersion(byte* version, uint length);
    [LibraryImport(Library)] internal static partial int nvmlDeviceGetHandleByPciBusId_v2(byte* busId, nint* device);
    [LibraryImport(Library)] internal static partial int nvmlDeviceGetMemoryInfo(nint device, NvmlMemory* memory);
    [LibraryImport(Library)]
    internal static partial int nvmlDeviceGetUtilizationRates(nint device, NvmlUtilization* utilization);

    /// <summary>Milliwatts.</summary>
    [LibraryImport(Library)] internal static partial int nvmlDeviceGetPowerUsage(nint device, uint* milliwatts);

    /// <summary>Milliwatts.</summary>
    [LibraryImport(Library)] internal static partial int nvmlDeviceGetEnforcedPowerLimit(nint device, uint* milliwatts);
}
