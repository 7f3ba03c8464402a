namespace Flixstock.Engine;

/// <summary>
/// One NVIDIA GPU: memory, streams, modules and launches. Knows nothing about operations. Work is queued on one stream,
/// in call order, and what is said to be independent of it on a second one; a third brings inputs over while they
/// compute. It computes in the device's primary context, so that other CUDA code of the process can share memory with
/// it.
/// </summary>
/// <remarks>Threads: any number, of which one computes at a time: <see cref="Device.EnterExclusive"/>.</remarks>
public sealed unsafe partial class CudaDevice : Device
{
    private const uint NonBlockingStream = 1;

    [ThreadStatic]
    private static nint _currentContext;

    private readonly CudaDeviceInfo _info;
    private bool _disposed;

    /// <summary>Opens a device.</summary>
    /// <param name="driver">The driver, or a stand-in for it.</param>
    /// <param name="blas">cuBLAS, for the kernels.</param>
    /// <param name="dnn">cuDNN, for the kernels.</param>
    /// <param name="compiler">The compiler of kernels; null if there is none.</param>
    /// <param name="options">The ordinal of the device, and the sources and caches of kernels.</param>
    /// <exception cref="EngineException">The device cannot be used; says why and what to do.</exception>
    internal CudaDevice(
        ICudaDriver driver, IBlas blas, IDnn dnn, IKernelCompiler? compiler, CudaDeviceOptions? options = null)
    {
        options ??= new CudaDeviceOptions();
        (Driver, Blas, Dnn, Compiler) = (driver, blas, dnn, compiler);
        if (!CudaAvailability.TryFind(driver, options.Ordinal, out var info, out var reason))
            throw new EngineException(reason);
        _info = info;
        Errors = new CudaError(driver, Name);
        Sources = options.Sources ?? KernelSources.Default;
        Packed = new PackedKernels(options.PackedFolder);
        Notes = options.Notes;
        Cache = new KernelCache(options.CacheFolder, options.Notes);
        int version;
        Errors.Check(driver.cuDriverGetVersion(&version));
        DriverVersion = version;
        nint stream, copyStream;
        Context = PrimaryContexts.Of(driver, info, Errors);
        MakeCurrent();
        Errors.Check(driver.cuStreamCreate(&stream, NonBlockingStream));
        Errors.Check(driver.cuStreamCreate(&copyStream, NonBlockingStream));
        (Stream, CopyStream) = (stream, copyStream);
        OpenAside();
        _staging = new StagingBuffer(this);
        ReservedBytes = options.ReservedBytes ?? Reserve(Memory!.Value.Total);
    }

    /// <inheritdoc />
    public override string Name => $"CUDA device {_info.Ordinal}, {_info.Name}";

    /// <summary>The device's name in the driver: "NVIDIA H200".</summary>
    public string Model => _info.Name;

    /// <inheritdoc />
    public override bool IsHost => false;

    /// <summary>Takes what a user should know, in one line; null: nobody asks.</summary>
    internal Action<string>? Notes { get; }

    /// <inheritdoc />
    public override int ChannelMultiple => 8;

    internal override bool KeepsSigns => true;

    internal override bool SumsConvolutions => true;

    /// <summary>Its number among the machine's devices.</summary>
    public int Ordinal => _info.Ordinal;

    /// <summary>Compute capability, major * 10 + minor: 90 for Hopper.</summary>
    public int ComputeCapability => _info.Major * 10 + _info.Minor;

    /// <summary>Streaming multiprocessors.</summary>
    public int Multiprocessors => _info.Multiprocessors;

    /// <summary>CUDA version of the driver, major * 1000 + minor * 10.</summary>
    public int DriverVersion { get; }

    /// <summary>CUcontext: the device's primary one.</summary>
    public nint Context { get; }

    /// <summary>CUstream on which everything is computed.</summary>
    public nint Stream { get; }

    /// <summary>CUstream on which inputs come over.</summary>
    public nint CopyStream { get; }

    /// <summary>The driver.</summary>
    internal ICudaDriver Driver { get; }

    /// <summary>cuBLAS.</summary>
    internal IBlas Blas { get; }

    /// <summary>cuDNN.</summary>
    internal IDnn Dnn { get; }

    /// <summary>The one place that turns a status into an exception.</summary>
    internal CudaError Errors { get; }

    // A graph of a step takes some MiB, cuDNN's and cuBLAS's code some hundred.
    private static long Reserve(long total) => Math.Max(total / 32, Math.Min(384L << 20, total / 8));

    /// <summary>
    /// Makes this device's context current in the calling thread: needed before any call of the driver, cheap if it is
    /// current already.
    /// </summary>
    public void MakeCurrent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_currentContext == Context)
            return;
        Errors.Check(Driver.cuCtxSetCurrent(Context));
        _currentContext = Context;
    }

    /// <inheritdoc />
    public override void Synchronize()
    {
        MakeCurrent();
        Join();
        Errors.Check(Driver.cuStreamSynchronize(CopyStream));
        Errors.Check(Driver.cuStreamSynchronize(Stream));
    }

    // Statuses are not checked: after a fault in a kernel every one of these calls fails, and that fault was reported
    // where it was met.
    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (_disposed || !disposing)
            return;
        MakeCurrent();
        _ = Driver.cuStreamSynchronize(CopyStream);
        _ = Driver.cuStreamSynchronize(Stream);
        _ = Driver.cuStreamSynchronize(_asideStream);
        while (_owned.TryPop(out var owned))
            owned.Dispose();
        DisposeModules();
        _staging.Dispose();
        FreeAll();
        CloseAside();
        _ = Driver.cuStreamDestroy(CopyStream);
        _ = Driver.cuStreamDestroy(Stream);
        _disposed = true;
        _currentContext = 0;
        _ = Driver.cuCtxSetCurrent(0);
    }

    private readonly Stack<IDisposable> _owned = new();

    /// <summary>Disposes of something before this device: handles of libraries that compute on its stream.</summary>
    internal void Own(IDisposable disposable) => _owned.Push(disposable);
}
