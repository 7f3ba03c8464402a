using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>What the doctor examines, so that tests can make up a machine. The functions are called only for libraries that are usable.</summary>
/// <param name="Libraries">The libraries found.</param>
/// <param name="Driver">The driver.</param>
/// <param name="Blas">cuBLAS.</param>
/// <param name="Dnn">cuDNN.</param>
/// <param name="Compiler">NVRTC, or why it cannot compile.</param>
/// <param name="Version">A library's version as text; empty where it does not say.</param>
/// <param name="PackedKernels">The engine holds all its kernels as PTX, so that NVRTC may be missing.</param>
/// <param name="Load">Memory, power and utilisation of a CUdevice; null where NVML does not say.</param>
internal sealed record CudaWorld(
    NativeLibrarySet Libraries, Func<ICudaDriver> Driver, Func<IBlas> Blas, Func<IDnn> Dnn, Func<(KernelCompiler? Compiler, string? Reason)> Compiler,
    Func<CudaLibrary, string> Version, bool PackedKernels, Func<int, DeviceLoad?> Load)
{
    /// <summary>This process and its machine.</summary>
    public static CudaWorld OfThisProcess() => new(
        NativeLibraries.Process,
        () => new NativeDriver(),
        () => new NativeBlas(),
        () => new NativeDnn(),
        () => KernelCompiler.WhyUnavailable is { } reason ? (null, reason) : (KernelCompiler.Open(), null),
        NativeVersion,
        HasPackedKernels(KernelSources.Embedded),
        device => NvmlMonitor.Read(device) ?? TotalMemory(device));

    private static bool HasPackedKernels(KernelSources sources) => sources.Files.Count > 0 && sources.Files.All(file => sources.Ptx(file) is not null);

    // The driver, too, knows how much memory there is; how much is free only inside a context.
    private static unsafe DeviceLoad? TotalMemory(int device)
    {
        nuint bytes;
        return Cu.cuDeviceTotalMem_v2(&bytes, device) == CuResult.Success ? new DeviceLoad((long)bytes, 0, null, null, null) : null;
    }

    private static unsafe string NativeVersion(CudaLibrary library)
    {
        switch (library)
        {
            case CudaLibrary.Driver:
                var version = NativeLibraries.Process.DriverVersion;
                return $"CUDA {version / 1000}.{version % 1000 / 10}";
            case CudaLibrary.Nvml:
                return NvmlMonitor.DriverVersion();
            case CudaLibrary.Nvrtc:
                return KernelCompiler.WhyUnavailable is null ? KernelCompiler.Open().Version.ToString() : "";
            case CudaLibrary.CuBlas:
                var parts = stackalloc int[3];
                var known = CuBlas.cublasGetProperty(0, parts) == 0 && CuBlas.cublasGetProperty(1, parts + 1) == 0 && CuBlas.cublasGetProperty(2, parts + 2) == 0;
                return known ? $"{parts[0]}.{parts[1]}.{parts[2]}" : "";
            case CudaLibrary.CuDnn:
                return DnnStatus.VersionText(CuDnn.cudnnGetVersion());
            default:
                return "";
        }
    }
}

/// <summary>A GPU's memory, power and utilisation at one moment.</summary>
/// <param name="TotalBytes">All memory.</param>
/// <param name="FreeBytes">Memory that nobody uses, other processes included.</param>
/// <param name="Watts">Power drawn; null where the GPU does not say.</param>
/// <param name="LimitWatts">Power it may draw; null where the GPU does not say.</param>
/// <param name="UtilizationPercent">Share of the last moments in which a kernel ran; null where the GPU does not say.</param>
internal sealed record DeviceLoad(long TotalBytes, long FreeBytes, double? Watts, double? LimitWatts, int? UtilizationPercent);

/// <summary>Reads NVML. It is not needed to compute: where it is missing or refuses, there is no reading.</summary>
internal static unsafe class NvmlMonitor
{
    private static readonly Lazy<bool> Started = new(() => NativeLibraries.Process.Open(CudaLibrary.Nvml).IsAvailable && Nvml.nvmlInit_v2() == 0);

    /// <summary>The driver's own version, "535.261.03"; empty where NVML does not start.</summary>
    public static string DriverVersion()
    {
        const int Length = 80;
        var text = stackalloc byte[Length];
        return Started.Value && Nvml.nvmlSystemGetDriverVersion(text, Length) == 0 ? Marshal.PtrToStringUTF8((nint)text)! : "";
    }

    /// <summary>One reading; null where there is none.</summary>
    /// <param name="device">CUdevice: NVML counts its devices differently, so it is found by its place on the bus.</param>
    public static DeviceLoad? Read(int device)
    {
        const int Length = 32;
        var bus = stackalloc byte[Length];
        nint handle = 0;
        NvmlMemory memory = default;
        var known = Started.Value && Cu.cuDeviceGetPCIBusId(bus, Length, device) == CuResult.Success
            && Nvml.nvmlDeviceGetHandleByPciBusId_v2(bus, &handle) == 0 && Nvml.nvmlDeviceGetMemoryInfo(handle, &memory) == 0;
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
