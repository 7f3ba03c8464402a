using System.Globalization;
using System.Text;
using Flixstock.Engine;
using Flixstock.PtxEmulator;

namespace Flixstock.Tests.Devices;

/// <summary>
/// The CUDA device, its kernels compiled by NVRTC, on the emulated driver and libraries: every access, race and missing
/// event is an exception.
/// </summary>
internal sealed class EmulatedGpu : IDisposable
{
    // Kernels are compiled once for all devices of the process.
    private static readonly Lazy<string> Compiled = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-kernels").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    });

    /// <summary>Opens it.</summary>
    /// <param name="precision">Of activations.</param>
    /// <param name="options">What the device is like.</param>
    /// <param name="change">Other folders or sources than the usual ones.</param>
    /// <param name="hasCompiler">False: as on a machine without NVRTC.</param>
    public EmulatedGpu(
        Precision precision = Precision.Fp32, EmulatedDriverOptions? options = null,
        Func<CudaDeviceOptions, CudaDeviceOptions>? change = null, bool hasCompiler = true)
    {
        var compiler = hasCompiler ? NvrtcRequired.Open() : null;
        Driver = new EmulatedDriver(options);
        (Blas, Dnn) = (new EmulatedBlas(Driver), new EmulatedDnn(Driver));
        var usual = new CudaDeviceOptions { CacheFolder = Compiled.Value, ReservedBytes = 0 };
        Device = new CudaDevice(Driver, Blas, Dnn, compiler, change?.Invoke(usual) ?? usual);
        Backend = Backend.Over(Device, precision, deterministic: true);
    }

    /// <summary>Where the process keeps what NVRTC made.</summary>
    public static string CacheFolder => Compiled.Value;

    public EmulatedDriver Driver { get; }

    public EmulatedBlas Blas { get; }

    public EmulatedDnn Dnn { get; }

    public CudaDevice Device { get; }

    public Backend Backend { get; }

    /// <summary>Keeps what it compiled for the process, whoever asks.</summary>
    public static IKernelCompiler KeepingCompiler() => new Keeping(NvrtcRequired.Open());

    /// <summary>
    /// The compiled kernels, without the algorithms that were chosen, in a folder of the caller's own.
    /// </summary>
    public static void CopyKernels(string folder)
    {
        var compiler = KeepingCompiler();
        foreach (var file in KernelSources.Embedded.Files)
        {
            compiler.Compile(
                KernelSources.Embedded.Source(file), file + ".cu", "sm_80", KernelSources.Embedded.Headers);
        }
        foreach (var file in Directory.GetFiles(Compiled.Value, "*.kernel")
            .Where(file => !Path.GetFileName(file).StartsWith("cudnn-", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
    }

    public void Dispose()
    {
        Backend.Dispose();
        Driver.Dispose();
    }

    private sealed class Keeping(KernelCompiler inner) : IKernelCompiler
    {
        private const int DriverVersion = 12000; // the emulated driver's
        private readonly KernelCache _cache = new(Compiled.Value);

        public Version Version => inner.Version;

        public IReadOnlyList<int> Architectures => inner.Architectures;

        public IReadOnlyList<string> StandardOptions => inner.StandardOptions;

        public CompiledKernels Compile(
            string source, string fileName, string architecture, IReadOnlyDictionary<string, string>? headers = null,
            params IReadOnlyList<string> options)
        {
            var key = KernelModule.Key(
                inner, Path.GetFileNameWithoutExtension(fileName), source, headers!,
                int.Parse(architecture[3..], CultureInfo.InvariantCulture), asPtx: true, DriverVersion);
            if (_cache.Find(key) is { } kept)
                return new CompiledKernels(default, Encoding.UTF8.GetString(kept), "");
            var compiled = inner.Compile(source, fileName, architecture, headers, options);
            _cache.Keep(key, Encoding.UTF8.GetBytes(compiled.Ptx));
            return compiled;
        }
    }
}
