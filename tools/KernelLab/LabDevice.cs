using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.KernelLab;

/// <summary>Where kernels are tried: on the emulator, or on a GPU.</summary>
internal sealed class LabDevice : IDisposable
{
    private readonly Backend? _backend;

    private LabDevice(CudaDevice device, EmulatedDriver? driver, Backend? backend) =>
        (Device, Driver, _backend) = (device, driver, backend);

    /// <summary>Where compiled kernels are kept.</summary>
    public static string? CacheFolder { get; set; } = KernelCache.DefaultFolder;

    public CudaDevice Device { get; }

    /// <summary>The emulator; null on a GPU.</summary>
    public EmulatedDriver? Driver { get; }

    /// <summary>Opens a device for kernels of these sources.</summary>
    /// <param name="name"><c>emulator</c>, <c>cuda</c> or <c>cuda:n</c>.</param>
    /// <param name="sources">Compiled when a kernel is first asked for.</param>
    /// <exception cref="EngineException">There is no such GPU, or no compiler.</exception>
    public static LabDevice Open(string name, KernelSources sources)
    {
        if (name == "emulator")
        {
            var driver = new EmulatedDriver();
            var options = new CudaDeviceOptions { Sources = sources, CacheFolder = CacheFolder };
            return new LabDevice(
                new CudaDevice(
                    driver, new EmulatedBlas(driver), new EmulatedDnn(driver), KernelCompiler.Open(), options),
                driver, null);
        }
        var ordinal = name.StartsWith("cuda:", StringComparison.Ordinal)
            ? int.Parse(name.AsSpan("cuda:".Length), System.Globalization.CultureInfo.InvariantCulture)
            : 0;
        var backend = Backend.Cuda(
            new CudaDeviceOptions { Ordinal = ordinal, Sources = sources, CacheFolder = CacheFolder });
        return new LabDevice((CudaDevice)backend.Device, null, backend);
    }

    public void Dispose()
    {
        if (_backend is null)
            Device.Dispose();
        _backend?.Dispose();
        Driver?.Dispose();
    }
}
