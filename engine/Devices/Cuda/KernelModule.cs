using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// One compiled source file on a device, and its kernels by name. For custom kernels: compile any CUDA C++ text and
/// launch it with <see cref="CudaDevice.Launch"/>.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed unsafe class KernelModule : IDisposable
{
    private readonly CudaDevice _device;
    private readonly Dictionary<string, CudaFunction> _functions = new(StringComparer.Ordinal);
    private nint _handle;

    /// <summary>Loads an image that <see cref="CudaDevice"/> compiled or found in its cache.</summary>
    /// <param name="device">The device that loads it.</param>
    /// <param name="name">Name of the source, for messages.</param>
    /// <param name="image">CUBIN, or PTX text.</param>
    /// <exception cref="EngineException">The driver cannot load it.</exception>
    internal KernelModule(CudaDevice device, string name, ReadOnlySpan<byte> image)
    {
        (_device, Name) = (device, name);
        device.MakeCurrent();
        byte[] terminated = [.. image, 0]; // PTX is a C string; to machine code one byte more does nothing
        nint module;
        fixed (byte* first = terminated)
            device.Errors.Check(device.Driver.cuModuleLoadData(&module, first), $"cuModuleLoadData({name})");
        _handle = module;
    }

    /// <summary>Name of the source: <c>inplace_abn.cu</c>.</summary>
    public string Name { get; }

    /// <summary>A kernel by its <c>extern "C"</c> name; looked up once.</summary>
    /// <exception cref="EngineException">The module has no kernel of this name.</exception>
    public CudaFunction Function(string name)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        if (_functions.TryGetValue(name, out var known))
            return known;
        _device.MakeCurrent();
        nint function;
        _device.Errors.Check(
            _device.Driver.cuModuleGetFunction(&function, _handle, name), $"cuModuleGetFunction({Name}, {name})");
        return _functions[name] = new CudaFunction(function, name);
    }

    /// <summary>Unloads it; nothing of it may be running.</summary>
    public void Dispose()
    {
        if (_handle == 0 || _device.IsDisposed)
            return;
        _device.MakeCurrent();
        _ = _device.Driver.cuModuleUnload(_handle); // nothing to be done about a failure: the context goes next
        _handle = 0;
    }

    /// <summary>Everything that decides an image.</summary>
    internal static string Key(
        IKernelCompiler compiler, string file, string source, IReadOnlyDictionary<string, string> headers,
        int architecture, bool asPtx, int driverVersion) =>
        KernelCache.Key(file, [
            source, .. headers.SelectMany(header => new[] { header.Key, header.Value }), .. compiler.StandardOptions,
            $"sm_{architecture}", asPtx ? "ptx" : "cubin", $"NVRTC {compiler.Version}", $"driver {driverVersion}",
        ]);

    /// <summary>
    /// Compiles for a device, or takes the result of an earlier time; without a compiler, what was packed.
    /// </summary>
    internal static byte[] Image(
        CudaDevice device, string file, string source, IReadOnlyDictionary<string, string> headers)
    {
        if (device.Compiler is not { } compiler)
        {
            return device.Packed.TryFind(file, source, headers, device.ComputeCapability, out var ptx, out var reason)
                ? Encoding.UTF8.GetBytes(ptx)
                : throw new EngineException($"{file}.cu cannot be compiled: {CudaDevice.WhyNoCompiler}; and {reason}, "
                    + $"which would take its place");
        }
        // A compiler older than the device makes PTX for the newest architecture it knows; the driver translates that.
        var wanted = device.ComputeCapability;
        var known = compiler.Architectures.Where(architecture => architecture <= wanted)
            .DefaultIfEmpty(compiler.Architectures.Count > 0 ? compiler.Architectures[0] : wanted).Max();
        var asPtx = device.Driver.WantsPtx || known != wanted;
        var key = Key(compiler, file, source, headers, known, asPtx, device.DriverVersion);
        if (device.Cache.Find(key) is { } kept)
            return kept;
        var compiled = compiler.Compile(source, file + ".cu", $"sm_{known}", headers);
        var image = asPtx ? Encoding.UTF8.GetBytes(compiled.Ptx) : compiled.Cubin.ToArray();
        device.Cache.Keep(key, image);
        return image;
    }
}
