using System.Runtime.InteropServices;
using Flixstock.Engine;

namespace Flixstock.PtxEmulator;

/// <summary>
/// A CUDA driver whose device is the processor: takes PTX, executes it with every check, keeps work in streams as long
/// as it may. A failed check is thrown, with its whole report, by the call that waits for the work.
/// </summary>
internal sealed unsafe partial class EmulatedDriver(EmulatedDriverOptions? options = null) : ICudaDriver, IDisposable
{
    /// <summary>Set to 1 where only a GPU is to be tested: then an emulator is a mistake.</summary>
    public const string ForbiddenVariable = "FLIXSTOCK_NO_EMULATOR";

    private readonly EmulatedDriverOptions _options = Allowed(options ?? new EmulatedDriverOptions());
    private readonly Dictionary<nint, EmulatedEvent> _events = [];
    private readonly Dictionary<nint, EmulatedModule> _modules = [];
    private readonly Dictionary<nint, EmulatedFunction> _functions = [];
    private readonly Dictionary<nint, CaptureGraph> _graphs = [], _executables = [];
    private readonly Dictionary<nint, nuint> _pinned = [];
    private readonly Dictionary<int, nint> _texts = [];
    private readonly Dictionary<string, LaunchStatistics> _statistics = new(StringComparer.Ordinal);
    private nint _handles = 0x100;
    private int _launches;

    public DeviceMemory Memory { get; } = new(options?.Executes ?? true);

    public StreamQueues Queues { get; } = new(options?.Seed ?? 1, options?.Executes ?? true);

    /// <summary>
    /// What each kernel did so far, by name: counts, and which of its basic blocks were ever executed.
    /// </summary>
    public IReadOnlyDictionary<string, LaunchStatistics> Statistics => _statistics;

    public bool WantsPtx => true;

    /// <summary>False: what computes is queued and not done.</summary>
    public bool Executes => _options.Executes;

    private static EmulatedDriverOptions Allowed(EmulatedDriverOptions options) =>
        Environment.GetEnvironmentVariable(ForbiddenVariable) != "1"
            ? options
            : throw new InvalidOperationException($"an emulated GPU was opened although {ForbiddenVariable} is 1");

    public CuResult cuInit(uint flags) => flags == 0 ? CuResult.Success : CuResult.InvalidValue;

    public CuResult cuDriverGetVersion(int* version) => Give(version, 12000);

    public CuResult cuDeviceGetCount(int* count) => Give(count, 1);

    public CuResult cuDeviceGet(int* device, int ordinal) => ordinal == 0 ? Give(device, 0) : CuResult.InvalidDevice;

    public CuResult cuDeviceGetName(byte* name, int length, int device)
    {
        // What is found on a device that does nothing is not what another one would find.
        var text = Executes ? "PTX emulator"u8 : "PTX emulator, idle"u8;
        if (length <= text.Length)
            return CuResult.InvalidValue;
        text.CopyTo(new Span<byte>(name, length));
        name[text.Length] = 0;
        return CuResult.Success;
    }

    public CuResult cuDeviceGetAttribute(int* value, int attribute, int device) => Give(value, attribute switch
    {
        1 => 1024,              // most threads of a block
        2 or 3 => 1024,
        4 => 64,
        5 => int.MaxValue,
        6 or 7 => 65535,
        8 => 48 * 1024,         // shared memory of a block
        10 => 32,
        12 => 65536,
        13 => 1_000_000,
        16 => _options.Multiprocessors,
        36 => 1_000_000,
        37 => 256,
        38 => 1 << 20,
        39 => 2048,
        40 => 2,
        41 => 1,
        75 => _options.ComputeCapability / 10,
        76 => _options.ComputeCapability % 10,
        81 => 100 * 1024,
        97 => MostShared,
        106 => 32,
        111 => 1024,
        _ => 0,
    });

    /// <summary>How often the primary context was retained.</summary>
    public int Retained { get; private set; }

    public CuResult cuDevicePrimaryCtxRetain(nint* context, int device)
    {
        Retained++;
        return Give(context, 0x10);
    }

    public CuResult cuCtxSetCurrent(nint context) => context is 0 or 0x10 ? CuResult.Success : CuResult.InvalidContext;

    public CuResult cuCtxSynchronize()
    {
        if (Queues.InvalidateCaptures())
            return CuResult.StreamCaptureUnsupported;
        Queues.RunUntil(() => Queues.Streams.Values.All(stream => stream.Work.Count == 0));
        return CuResult.Success;
    }

    public CuResult cuGetErrorName(CuResult error, nint* name) => Give(name, Text((int)error, $"CUDA_ERROR_{error}"));

    public CuResult cuGetErrorString(CuResult error, nint* text) =>
        Give(text, Text(10000 + (int)error, $"emulated status {error}"));

    public void Dispose()
    {
        Memory.Dispose();
        foreach (nint text in _texts.Values)
            Marshal.FreeCoTaskMem(text);
        foreach (nint pinned in _pinned.Keys)
            NativeMemory.AlignedFree((void*)pinned);
    }

    private const int MostShared = 99 * 1024;

    private static CuResult Give<T>(T* place, T value) where T : unmanaged
    {
        *place = value;
        return CuResult.Success;
    }

    private nint Text(int key, string text)
    {
        if (!_texts.TryGetValue(key, out nint pointer))
            _texts[key] = pointer = Marshal.StringToCoTaskMemUTF8(text);
        return pointer;
    }

    private nint Handle() => _handles += 0x10;
}

/// <summary>What the emulated device is like.</summary>
/// <param name="ComputeCapability">80 for 8.0.</param>
/// <param name="Multiprocessors">Few, so that grids are small.</param>
/// <param name="MemoryBytes">Small to see what happens without memory.</param>
/// <param name="Seed">Order of streams, blocks and warps.</param>
/// <param name="NewestPtx">Version of PTX that the driver translates, major * 10 + minor.</param>
/// <param name="Executes">
/// False: everything is queued and nothing computed, and memory that nobody writes takes none of the host's: the
/// sequence of launches of a step of any size.
/// </param>
/// <param name="LaunchHostMilliseconds">How long the host takes to queue a kernel outside of a capture.</param>
internal sealed record EmulatedDriverOptions(
    int ComputeCapability = 80, int Multiprocessors = 4, long MemoryBytes = 4L << 30, int Seed = 1, int NewestPtx = 99,
    bool Executes = true, double LaunchHostMilliseconds = 0);

internal sealed record EmulatedModule(PtxModule Module, Dictionary<string, ulong> Symbols);

/// <summary>A kernel of a module, with the dynamic shared memory it is allowed.</summary>
internal sealed class EmulatedFunction(EmulatedModule module, PtxKernel kernel)
{
    public EmulatedModule Module { get; } = module;

    public PtxKernel Kernel { get; } = kernel;

    public int MostDynamicShared { get; set; } = 48 * 1024;
}
