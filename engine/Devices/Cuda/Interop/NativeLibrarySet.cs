using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// A function that not every supported version of its library has; ask <see cref="NativeLibrarySet.Has"/> before
/// calling it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OptionalSymbolAttribute : Attribute;

/// <summary>States whether a library can be called or, in one line, why not.</summary>
/// <param name="Library">The library.</param>
/// <param name="Path">The file that is called; empty if there is none.</param>
/// <param name="Origin">Why its folder was searched: "pip wheel".</param>
/// <param name="Reason">Why it cannot be called and what to do; null if it can.</param>
/// <param name="Tried">Folders that were searched, in this order.</param>
internal sealed record LibraryStatus(
    CudaLibrary Library, string Path, string Origin, string? Reason, IReadOnlyList<string> Tried)
{
    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsAvailable => Reason is null;
}

/// <summary>
/// Finds and loads the libraries of one machine, each at most once, and looks up every function before the first call.
/// Thread-safe.
/// </summary>
internal sealed class NativeLibrarySet(INativeHost host)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CudaLibrary, LibraryStatus> _statuses = [];
    private readonly Dictionary<string, nint> _handles = new(StringComparer.Ordinal);
    private LibraryPlan? _plan;

    /// <summary>CUDA version of the driver as 12040 for 12.4; 0 if there is no driver.</summary>
    public int DriverVersion { get; private set; }

    /// <summary>CUDA major version of NVRTC, cuBLAS and cuDNN; 0 if there are none.</summary>
    public int Major => Plan().Major;

    /// <summary>Folders that are searched, each with the reason.</summary>
    public IReadOnlyList<string> Searched => [.. Plan().Places.Select(place => $"{place.Folder} ({place.Origin})")];

    /// <summary>Loads a library and what it needs; every later call gives the same answer.</summary>
    public LibraryStatus Open(CudaLibrary library)
    {
        lock (_lock)
        {
            if (!_statuses.TryGetValue(library, out var status))
                _statuses[library] = status = Load(library);
            return status;
        }
    }

    /// <summary>Why this driver cannot run the libraries that were found; null if it can.</summary>
    public string? WhyDriverTooOld()
    {
        var plan = Plan();
        var supported = DriverVersion / 1000;
        return DriverVersion == 0 || plan.Major <= supported
            ? null
            : $"the driver supports CUDA {supported}.{DriverVersion % 1000 / 10}, the libraries found are CUDA "
                + $"{plan.Major}: update NVIDIA's driver"
                + $"{(plan.Major == 13 ? " (580 or newer)" : plan.Major == 12 ? " (525 or newer)" : "")}, or install "
                + $"CUDA {supported} libraries";
    }

    /// <summary>The loaded library for the name in a declaration.</summary>
    /// <returns>0 for names that are not NVIDIA's.</returns>
    /// <exception cref="EngineException">It is called without having been opened.</exception>
    public nint Handle(string name)
    {
        lock (_lock)
        {
            if (_handles.TryGetValue(name, out var handle))
                return handle;
        }
        return Declarations.TryGetValue(name, out _)
            ? throw new EngineException($"the library '{name}' is called without having been opened")
            : 0;
    }

    /// <summary>True if an open library has a function.</summary>
    public bool Has(string name, string symbol)
    {
        lock (_lock)
            return _handles.TryGetValue(name, out var handle) && host.Export(handle, symbol) != 0;
    }

    private LibraryPlan Plan()
    {
        lock (_lock)
        {
            if (_plan is not null)
                return _plan;
            var search = new LibrarySearch(host);
            DriverVersion = AskDriver(search.Driver());
            return _plan = search.Plan(DriverVersion == 0 ? null : DriverVersion / 1000);
        }
    }

    // The version can be asked for before anything is initialised, also without a device.
    private int AskDriver(LibraryFinding driver)
    {
        // The loader may know places that the search does not.
        var path =
            driver.Found ? driver.Files[^1] : LibraryFiles.Alternatives(CudaLibrary.Driver, 0, host.IsWindows)[0][^1];
        var handle = host.Load(path, out _);
        var function = handle == 0 ? 0 : host.Export(handle, "cuDriverGetVersion");
        return function == 0 ? 0 : host.DriverVersion(function);
    }

    private LibraryStatus Load(CudaLibrary library)
    {
        var plan = Plan();
        var finding = plan.Findings[library];
        var tried = plan.Places.Select(place => place.Folder).ToList();
        var files = finding.Files;
        if (!finding.Found && library is CudaLibrary.Driver or CudaLibrary.Nvml)
        {
            var name = LibraryFiles.Alternatives(library, 0, host.IsWindows)[0][^1];
            // The search knows the usual folders; the loader may know one more.
            files = host.Load(name, out _) == 0 ? [] : [name];
        }
        var reason = files.Count == 0 ? finding.Problem : Prerequisite(library) ?? LoadFiles(library, files);
        return new LibraryStatus(
            library, files.Count == 0 ? "" : files[^1],
            files.Count == 0 ? "" : finding.Found ? finding.Origin : "system loader", reason, tried);
    }

    // cuDNN ends the process, without an exception, if it does not find cuBLAS or a part of itself.
    private string? Prerequisite(CudaLibrary library)
    {
        if (library != CudaLibrary.CuDnn)
            return null;
        _ = Open(CudaLibrary.Nvrtc); // used by its run-time compiled engines only: it may be missing
        return Open(CudaLibrary.CuBlas) is { IsAvailable: false } blas ? $"cuDNN needs cuBLAS: {blas.Reason}" : null;
    }

    private string? LoadFiles(CudaLibrary library, IReadOnlyList<string> files)
    {
        if (library == CudaLibrary.CuDnn)
            files = [.. files.SkipLast(1), .. OtherParts(files), files[^1]];
        var handles = new nint[files.Count];
        for (var i = 0; i < files.Count; i++)
        {
            handles[i] = host.Load(files[i], out var problem);
            if (handles[i] == 0)
                return $"{LibraryFiles.Title(library)} does not load: {files[i]}: {problem}";
        }
        var names = ImportNames(library);
        for (var i = 0; i < names.Length; i++)
        {
            var position = files.Count - names.Length + i;
            if (MissingSymbol(names[i], handles[position]) is { } missing)
                return NoFunction(library, files[position], missing);
        }
        if (library == CudaLibrary.CuDnn && MixedParts(files) is { } mixed)
            return mixed;
        if (library == CudaLibrary.CuDnn && OtherCudaVersion(handles[^1]) is { } other)
        {
            return $"cuDNN in {files[^1]} is built for CUDA {other}, the other libraries are CUDA {Major}; "
                + $"{LibraryAdvice.For(library, Major)}";
        }
        for (var i = 0; i < names.Length; i++)
            _handles[names[i]] = handles[files.Count - names.Length + i];
        return null;
    }

    // Parts next to the known ones: what cuDNN opens by its bare name must be this folder's.
    private IEnumerable<string> OtherParts(IReadOnlyList<string> files)
    {
        var (folder, main) = Divide(files[^1]);
        return host.Files(folder).Where(file => LibraryFiles.IsCuDnnPart(file, main, host.IsWindows))
            .Select(file => $"{folder}/{file}").Except(files).Order(StringComparer.Ordinal);
    }

    // Something else in the process may have loaded a part of another cuDNN: every convolution would fail then.
    private string? MixedParts(IReadOnlyList<string> files)
    {
        var folders = files.Select(file => host.Loaded(Divide(file).Name)).OfType<string>()
            .Select(path => Divide(path).Folder).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .ToList();
        return folders.Count < 2
            ? null
            : $"parts of cuDNN from several folders are loaded: {string.Join(" and ", folders)}; remove all but one, "
                + $"or set {LibraryPlaces.PathVariable} to the folder of one that is whole";
    }

    private static (string Folder, string Name) Divide(string path)
    {
        var end = path.LastIndexOf('/');
        return (path[..Math.Max(0, end)], path[(end + 1)..]);
    }

    private string NoFunction(CudaLibrary library, string file, string function) => library == CudaLibrary.Driver
        ? $"the driver is too old: {file} has no function {function}; update NVIDIA's driver (470 or newer)"
        : $"{LibraryFiles.Title(library)} is of a version that the engine cannot use: {file} has no function "
            + $"{function}; {LibraryAdvice.For(library, Major)}";

    // The last files of a set carry the functions: cuBLASLt and cuBLAS are two of them.
    private static string[] ImportNames(CudaLibrary library) => library switch
    {
        CudaLibrary.Driver => [Cu.Library],
        CudaLibrary.Nvml => [Nvml.Library],
        CudaLibrary.Nvtx => [Nvtx.Library],
        CudaLibrary.Nvrtc => [Nvrtc.Library],
        CudaLibrary.CuBlas => [CuBlasLt.Library, CuBlas.Library],
        _ => [CuDnn.Library],
    };

    private long? OtherCudaVersion(nint cuDnn)
    {
        var function = host.Export(cuDnn, "cudnnGetCudartVersion");
        var version = function == 0 ? 0 : host.CudartVersion(function) / 1000;
        return version == 0 || version == Major ? null : version;
    }

    private string? MissingSymbol(string name, nint handle) =>
        Declarations[name].FirstOrDefault(symbol => host.Export(handle, symbol) == 0);

    /// <summary>Functions that each library must have, by the name in the declarations.</summary>
    internal static IReadOnlyDictionary<string, IReadOnlyList<string>> Declarations { get; } =
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            [Cu.Library] = Symbols(typeof(Cu)),
            [Nvml.Library] = Symbols(typeof(Nvml)),
            [Nvtx.Library] = Symbols(typeof(Nvtx)),
            [Nvrtc.Library] = Symbols(typeof(Nvrtc)),
            [CuBlasLt.Library] = Symbols(typeof(CuBlasLt)),
            [CuBlas.Library] = Symbols(typeof(CuBlas)),
            [CuDnn.Library] = Symbols(typeof(CuDnn)),
        };

    private static IReadOnlyList<string> Symbols(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.NonPublicMethods)] Type type) => [.. type
            .GetMethods(BindingFlags.Static | BindingFlags.NonPublic).Where(
                method => method.IsDefined(typeof(LibraryImportAttribute))
                    && !method.IsDefined(typeof(OptionalSymbolAttribute))).Select(method => method.Name)];
}
