using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>A GPU's memory, power and utilisation at one moment.</summary>
/// <param name="TotalBytes">Bytes of memory.</param>
/// <param name="FreeBytes">Bytes that no process uses.</param>
/// <param name="Watts">Power drawn; null if the GPU does not report it.</param>
/// <param name="LimitWatts">Power limit; null if the GPU does not report it.</param>
/// <param name="UtilizationPercent">Share of the last moments in which a kernel ran; null if the GPU does not report
/// it.</param>
internal sealed record DeviceLoad(
    long TotalBytes, long FreeBytes, double? Watts, double? LimitWatts, int? UtilizationPercent);

/// <summary>Reads NVML. It is not needed to compute: if it is missing or refuses, there is no reading.</summary>
internal static unsafe class NvmlMonitor
{
    private static readonly Lazy<bool> Started = new(
        () => NativeLibraries.Process.Open(CudaLibrary.Nvml).IsAvailable && Nvml.nvmlInit_v2() == 0);

    /// <summary>The driver's own version, "535.261.03"; empty if NVML does not start.</summary>
    public static string DriverVersion()
    {
        const int Length = 80;
        var text = stackalloc byte[Length];
        return Started.Value && Nvml.nvmlSystemGetDriverVersion(text, Length) == 0
            ? Marshal.PtrToStringUTF8((nint)text)!
            : "";
    }

    /// <summary>One reading; null if there is none.</summary>
    /// <param name="device">
    /// CUdevice: NVML counts its devices differently, so it is found by its place on the bus.
    /// </param>
    public static DeviceLoad? Read(int device)
    {
        const int Length = 32;
        var bus = stackalloc byte[Length];
        nint handle = 0;
        NvmlMemory memory = default;
        var known = Started.Value && Cu.cuDeviceGetPCIBusId(bus, Length, device) == CuResult.Success
            && Nvml.nvmlDeviceGetHandleByPciBusId_v2(bus, &handle) == 0
            && Nvml.nvmlDeviceGetMemoryInfo(handle, &memory) == 0;
        return known ? Read(handle, memory) : null;
    }

    private static DeviceLoad Read(nint handle, NvmlMemory memory)
    {
        uint power, limit;
        NvmlUtilization utilization;
        double? watts = Nvml.nvmlDeviceGetPowerUsage(handle, &power) == 0 ? power / 1000.0 : null;
        double? most = Nvml.nvmlDeviceGetEnforcedPowerLimit(handle, &limit) == 0 ? limit / 1000.0 : null;
        int? busy = Nvml.nvmlDeviceGetUtilizationRates(handle, &utilization) == 0 ? (int)utilization.Gpu : null;
        return new DeviceLoad((long)memory.Total, (long)memory.Free, watts, most, busy);
    }
}
