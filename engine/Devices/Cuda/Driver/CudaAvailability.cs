using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>A GPU that the engine can compute on.</summary>
/// <param name="Ordinal">Number of the GPU, from 0.</param>
/// <param name="Handle">CUdevice handle.</param>
/// <param name="Name">Name in the driver: "NVIDIA H200".</param>
/// <param name="Major">Compute capability, the part before the dot.</param>
/// <param name="Minor">Compute capability, the part after the dot.</param>
/// <param name="Multiprocessors">Number of streaming multiprocessors.</param>
internal sealed record CudaDeviceInfo(int Ordinal, int Handle, string Name, int Major, int Minor, int Multiprocessors);

/// <summary>
/// Whether a GPU can be computed on, or in one line why not and what to do. Nothing here throws for a machine without
/// one.
/// </summary>
internal static unsafe class CudaAvailability
{
    /// <summary>The oldest GPUs that have kernels: Turing.</summary>
    public const int LeastMajor = 7, LeastMinor = 5;

    /// <summary>Examines one device.</summary>
    /// <param name="driver">The driver, which need not be initialised yet.</param>
    /// <param name="ordinal">Number of the device, from 0.</param>
    /// <param name="device">The device, or null for the reason given.</param>
    /// <param name="reason">Why the device cannot be used; null if it can.</param>
    public static bool TryFind(
        ICudaDriver driver, int ordinal, [NotNullWhen(true)] out CudaDeviceInfo? device,
        [NotNullWhen(false)] out string? reason)
    {
        CudaDeviceInfo? found = null;
        reason = WhyNoDevices(driver, out var count)
            ?? OutOfRange(ordinal, count)
            ?? ((found = Describe(driver, ordinal, out var silent)) is null ? silent : TooOld(found));
        device = reason is null ? found : null;
        return reason is null;
    }

    private static string? OutOfRange(int ordinal, int count) => ordinal >= 0 && ordinal < count
        ? null
        : $"there is no CUDA device {ordinal}: this machine has "
            + $"{(count == 1 ? "one, number 0" : $"{count}, 0 to {count - 1}")}";

    /// <summary>Why no device can be listed; null if at least one can.</summary>
    public static string? WhyNoDevices(ICudaDriver driver, out int count)
    {
        var number = count = 0;
        var result = driver.cuInit(0);
        if (result == CuResult.Success)
            result = driver.cuDeviceGetCount(&number);
        count = number;
        return result switch
        {
            CuResult.Success when number > 0 => null,
            CuResult.Success or CuResult.NoDevice =>
                "the CUDA driver is installed but finds no NVIDIA GPU: check nvidia-smi, CUDA_VISIBLE_DEVICES and, in "
                + "a container, that it was given one",
            CuResult.SystemDriverMismatch => $"the CUDA driver does not start: {CudaError.Words(driver, result)}; "
                + $"restart the machine after a driver update",
            CuResult.StubLibrary => "the libcuda that was found is the toolkit's stub, not the driver: take its folder "
                + "out of LD_LIBRARY_PATH",
            _ => $"the CUDA driver does not start: {CudaError.Words(driver, result)}; check nvidia-smi, and reinstall "
                + $"NVIDIA's driver if that fails too",
        };
    }

    /// <summary>
    /// Describes a device, whether or not the engine has kernels for it; null if the driver does not answer.
    /// </summary>
    public static CudaDeviceInfo? Describe(ICudaDriver driver, int ordinal, out string? reason)
    {
        const int Length = 256;
        var name = stackalloc byte[Length];
        int handle = 0, major = 0, minor = 0, multiprocessors = 0;
        var result = driver.cuDeviceGet(&handle, ordinal);
        if (result == CuResult.Success)
            result = driver.cuDeviceGetName(name, Length, handle);
        if (result == CuResult.Success)
            result = driver.cuDeviceGetAttribute(&major, Cu.ComputeCapabilityMajor, handle);
        if (result == CuResult.Success)
            result = driver.cuDeviceGetAttribute(&minor, Cu.ComputeCapabilityMinor, handle);
        if (result == CuResult.Success)
            result = driver.cuDeviceGetAttribute(&multiprocessors, Cu.MultiprocessorCount, handle);
        reason = result == CuResult.Success
            ? null
            : $"CUDA device {ordinal} does not answer: {CudaError.Words(driver, result)}";
        return reason is null
            ? new CudaDeviceInfo(ordinal, handle, Marshal.PtrToStringUTF8((nint)name)!, major, minor, multiprocessors)
            : null;
    }

    /// <summary>Why the engine has no kernels for a device; null if it has.</summary>
    public static string? TooOld(CudaDeviceInfo device) =>
        (device.Major, device.Minor).CompareTo((LeastMajor, LeastMinor)) >= 0
            ? null
            : $"CUDA device {device.Ordinal}, {device.Name}, has compute capability {device.Major}.{device.Minor}: "
                + $"{LeastMajor}.{LeastMinor} (Turing) or newer is needed";
}
