namespace Flixstock.Engine;

/// <summary>
/// The surroundings that the doctor examines, so that tests can simulate a machine. The functions are called only for
/// libraries that are usable.
/// </summary>
/// <param name="Libraries">The libraries found.</param>
/// <param name="Driver">The driver.</param>
/// <param name="Blas">cuBLAS.</param>
/// <param name="Dnn">cuDNN.</param>
/// <param name="Compiler">NVRTC, or why it cannot compile.</param>
/// <param name="Version">A library's version as text; empty if it does not report one.</param>
/// <param name="HasPackedKernels">True if all kernels are next to the program as PTX, so that NVRTC may be
/// missing.</param>
/// <param name="Load">Memory, power and utilisation of a CUdevice; null if NVML does not report it.</param>
internal sealed record CudaWorld(
    NativeLibrarySet Libraries, Func<ICudaDriver> Driver, Func<IBlas> Blas, Func<IDnn> Dnn,
    Func<(KernelCompiler? Compiler, string? Reason)> Compiler, Func<CudaLibrary, string> Version, bool HasPackedKernels,
    Func<int, DeviceLoad?> Load)
{
    /// <summary>This process and its machine.</summary>
    public static CudaWorld OfThisProcess() => new(
        NativeLibraries.Process,
        () => new NativeDriver(),
        () => new NativeBlas(),
        () => new NativeDnn(),
        () => KernelCompiler.WhyUnavailable is { } reason ? (null, reason) : (KernelCompiler.Open(), null),
        NativeVersion,
        new PackedKernels(PackedKernels.DefaultFolder).HasAll(KernelSources.Embedded),
        device => NvmlMonitor.Read(device) ?? TotalMemory(device));

    // The driver, too, knows how much memory there is; how much is free only inside a context.
    private static unsafe DeviceLoad? TotalMemory(int device)
    {
        nuint bytes;
        return Cu.cuDeviceTotalMem_v2(&bytes, device) == CuResult.Success
            ? new DeviceLoad((long)bytes, 0, null, null, null)
            : null;
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
                var known = CuBlas.cublasGetProperty(0, parts) == 0 && CuBlas.cublasGetProperty(1, parts + 1) == 0
                    && CuBlas.cublasGetProperty(2, parts + 2) == 0;
                return known ? $"{parts[0]}.{parts[1]}.{parts[2]}" : "";
            case CudaLibrary.CuDnn:
                return DnnStatus.VersionText(CuDnn.cudnnGetVersion());
            default:
                return "";
        }
    }
}
