using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>The CUDA device, its kernels compiled by NVRTC, on the emulated driver and libraries: every access, race and missing event is an exception.</summary>
internal sealed class EmulatedGpu : IDisposable
{
    // Kernels are compiled once for all devices of the process.
    private static readonly Lazy<string> Compiled = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-kernels").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    });

    public EmulatedGpu(Precision precision = Precision.Fp32, EmulatedDriverOptions? options = null, KernelSources? sources = null)
    {
        var compiler = NvrtcRequired.Open();
        Driver = new EmulatedDriver(options);
        Device = new CudaDevice(Driver, new EmulatedBlas(Driver), new EmulatedDnn(Driver), compiler, new CudaDeviceOptions { CacheFolder = Compiled.Value, Sources = sources });
        Backend = Backend.Over(Device, precision, deterministic: true);
    }

    /// <summary>Where the process keeps what NVRTC made.</summary>
    public static string CacheFolder => Compiled.Value;

    public EmulatedDriver Driver { get; }

    public CudaDevice Device { get; }

    public Backend Backend { get; }

    public void Dispose()
    {
        Backend.Dispose();
        Driver.Dispose();
    }
}
