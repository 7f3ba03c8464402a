namespace Flixstock.Engine;

public sealed unsafe partial class CudaDevice
{
    private const uint StaticSharedBytes = 48 << 10; // what a kernel may use without being told
    private const int MostArguments = 32; // of a kernel; they are listed on the stack
    private const int MaxDynamicSharedBytes = 8; // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
    private readonly Dictionary<string, KernelModule> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<nint, uint> _sharedBytes = [];

    /// <summary>The compiler of kernels; null if there is none.</summary>
    internal IKernelCompiler? Compiler { get; }

    /// <summary>Why there is no compiler.</summary>
    internal static string WhyNoCompiler => KernelCompiler.WhyUnavailable ?? "the device was opened without a compiler";

    /// <summary>The sources of kernels.</summary>
    internal KernelSources Sources { get; }

    /// <summary>The cache of compiled kernels.</summary>
    internal KernelCache Cache { get; }

    /// <summary>Kernels for when there is no compiler.</summary>
    internal PackedKernels Packed { get; }

    /// <summary>
    /// The kernel <paramref name="name"/> of <c>kernels/<paramref name="file"/>.cu</c>, compiled, loaded and kept from
    /// the first request on.
    /// </summary>
    /// <exception cref="EngineException">There is no such kernel, or it does not compile.</exception>
    public CudaFunction Kernel(string file, string name)
    {
        if (!_modules.TryGetValue(file, out var module))
        {
            var image = KernelModule.Image(this, file, Sources.Source(file), Sources.Headers);
            module = _modules[file] = new KernelModule(this, file + ".cu", image);
        }
        return module.Function(name);
    }

    /// <summary>
    /// Compiles and loads custom CUDA C++; the caller disposes of it. Headers of the engine (<c>common.cuh</c>) can be
    /// included.
    /// </summary>
    /// <param name="name">Name for messages and the cache: <c>my_layer</c>.</param>
    /// <param name="source">CUDA C++ with <c>extern "C"</c> kernels.</param>
    /// <exception cref="EngineException">It does not compile; the message has the compiler's log.</exception>
    public KernelModule Compile(string name, string source) =>
        new(this, name + ".cu", KernelModule.Image(this, name, source, Sources.Headers));

    /// <summary>Called with every launch before it is queued; null for no observer.</summary>
    internal LaunchObserver? LaunchObserver { get; set; }

    /// <summary>Queues a kernel on the device's stream.</summary>
    /// <param name="function">The kernel.</param>
    /// <param name="shape">Grid, block and shared memory.</param>
    /// <param name="arguments">
    /// At most 32, in the kernel's order and of its parameters' sizes: nothing checks them. Copied; nothing is
    /// allocated.
    /// </param>
    /// <exception cref="EngineException">
    /// The driver refuses; the message has kernel, grid, block and shared memory.
    /// </exception>
    public void Launch(CudaFunction function, in LaunchShape shape, params ReadOnlySpan<KernelArgument> arguments)
    {
        MakeCurrent();
        LaunchObserver?.Invoke(function, shape, arguments);
        if (shape.SharedBytes > StaticSharedBytes)
            AllowSharedMemory(function, shape.SharedBytes);
        if (arguments.Length > MostArguments)
        {
            throw new InvalidOperationException(
                $"{function.Name} is given {arguments.Length} arguments, more than {MostArguments}");
        }
        var pointers = stackalloc void*[MostArguments];
        fixed (KernelArgument* values = arguments)
        {
            // Little-endian: an argument of 4 bytes is the first half of its bits. The driver copies them before it
            // returns.
            for (var i = 0; i < arguments.Length; i++)
                pointers[i] = values + i;
            var result = Driver.cuLaunchKernel(
                function.Handle, shape.GridX, shape.GridY, shape.GridZ, shape.BlockX, shape.BlockY, shape.BlockZ,
                shape.SharedBytes, Stream, pointers, null);
            Errors.CheckLaunch(result, function, shape);
        }
    }

    private void AllowSharedMemory(CudaFunction function, uint bytes)
    {
        if (_sharedBytes.TryGetValue(function.Handle, out var allowed) && allowed >= bytes)
            return;
        Errors.Check(
            Driver.cuFuncSetAttribute(function.Handle, MaxDynamicSharedBytes, (int)bytes),
            $"cuFuncSetAttribute({function.Name}, shared memory, {bytes})");
        _sharedBytes[function.Handle] = bytes;
    }

    private void DisposeModules()
    {
        foreach (var module in _modules.Values)
            module.Dispose();
        _modules.Clear();
    }
}
