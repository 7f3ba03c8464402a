using System.Runtime.InteropServices;
using System.Text;
using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>
/// A driver that executes nothing: memory is the host's, a module is the PTX it was given, and a launch is counted by
/// the kernel's name. What the launchers do can so be compared with what the kernels take. <see cref="Execute"/> may
/// stand in for the device.
/// </summary>
internal sealed unsafe class RecordingDriver : ICudaDriver
{
    private const int Major = 75, Minor = 76, MultiprocessorCount = 16; // CU_DEVICE_ATTRIBUTE_*
    private static readonly nint Name = Marshal.StringToCoTaskMemUTF8("RECORDED");
    private readonly List<PtxEntry> _functions = [];
    private readonly List<IReadOnlyList<PtxEntry>> _modules = [];
    private nint _handles = 1;

    /// <summary>What stands in for the device, if anything.</summary>
    public Action<string, LaunchShape, nint>? Execute { get; set; }

    /// <summary>Multiprocessors the device claims to have.</summary>
    public int Multiprocessors { get; init; } = 4;

    /// <summary>How often each kernel was launched.</summary>
    public Dictionary<string, int> Launches { get; } = new(StringComparer.Ordinal);

    /// <summary>The kernel behind a function's handle.</summary>
    public PtxEntry Entry(nint function) => _functions[(int)function - 1];

    public bool WantsPtx => true;

    public CuResult cuModuleLoadData(nint* module, void* image)
    {
        _modules.Add(PtxEntry.Parse(Marshal.PtrToStringUTF8((nint)image)!));
        *module = _modules.Count;
        return CuResult.Success;
    }

    public CuResult cuModuleGetFunction(nint* function, nint module, string name)
    {
        if (_modules[(int)module - 1].SingleOrDefault(entry => entry.Name == name) is not { } found)
            return CuResult.NotFound;
        _functions.Add(found);
        *function = _functions.Count;
        return CuResult.Success;
    }

    public CuResult cuLaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes,
        nint stream, void** parameters, void** extra)
    {
        var name = Entry(function).Name;
        Launches[name] = Launches.GetValueOrDefault(name) + 1;
        Execute?.Invoke(
            name, new LaunchShape(gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes), (nint)parameters);
        return CuResult.Success;
    }

    public CuResult cuDeviceGetCount(int* count) => Give(count, 1);
    public CuResult cuDeviceGet(int* device, int ordinal) => Give(device, 0);
    public CuResult cuDriverGetVersion(int* version) => Give(version, 12000);
    public CuResult cuDeviceGetName(byte* name, int length, int device)
    {
        Encoding.UTF8.GetBytes("recorder\0").CopyTo(new Span<byte>(name, length));
        return CuResult.Success;
    }

    public CuResult cuDeviceGetAttribute(int* value, int attribute, int device) => Give(value, attribute switch
    {
        Major => 8,
        Minor => 0,
        MultiprocessorCount => Multiprocessors,
        _ => 0,
    });

    public CuResult cuMemGetInfo(nuint* free, nuint* total)
    {
        *free = *total = (nuint)1 << 30;
        return CuResult.Success;
    }

    public CuResult cuMemAlloc(nint* address, nuint bytes)
    {
        *address = (nint)NativeMemory.AlignedAlloc(bytes, 256);
        new Span<byte>((void*)*address, (int)bytes).Fill(0xFF); // not a number in every type
        return CuResult.Success;
    }

    public CuResult cuMemFree(nint address)
    {
        NativeMemory.AlignedFree((void*)address);
        return CuResult.Success;
    }

    public CuResult cuMemHostAlloc(nint* address, nuint bytes, uint flags) => cuMemAlloc(address, bytes);
    public CuResult cuMemFreeHost(nint address) => cuMemFree(address);
    public CuResult cuMemcpyHtoDAsync(nint destination, void* source, nuint bytes, nint stream) =>
        Move((void*)destination, source, bytes);
    public CuResult cuMemcpyDtoHAsync(void* destination, nint source, nuint bytes, nint stream) =>
        Move(destination, (void*)source, bytes);
    public CuResult cuMemcpyDtoDAsync(nint destination, nint source, nuint bytes, nint stream) =>
        Move((void*)destination, (void*)source, bytes);

    public CuResult cuMemsetD8Async(nint destination, byte value, nuint count, nint stream)
    {
        new Span<byte>((void*)destination, (int)count).Fill(value);
        return CuResult.Success;
    }

    public CuResult cuGetErrorName(CuResult error, nint* name) => Give(name, Name);
    public CuResult cuGetErrorString(CuResult error, nint* text) => Give(text, Name);
    public CuResult cuDevicePrimaryCtxRetain(nint* context, int device) => Give(context, ++_handles);
    public CuResult cuStreamCreate(nint* stream, uint flags) => Give(stream, ++_handles);
    public CuResult cuEventCreate(nint* @event, uint flags) => Give(@event, ++_handles);

    public CuResult cuEventElapsedTime(float* milliseconds, nint start, nint end)
    {
        *milliseconds = 0;
        return CuResult.Success;
    }

    public CuResult cuInit(uint flags) => CuResult.Success;
    public CuResult cuCtxSetCurrent(nint context) => CuResult.Success;
    public CuResult cuStreamDestroy(nint stream) => CuResult.Success;
    public CuResult cuStreamSynchronize(nint stream) => CuResult.Success;
    public CuResult cuStreamWaitEvent(nint stream, nint @event, uint flags) => CuResult.Success;
    public CuResult cuEventDestroy(nint @event) => CuResult.Success;
    public CuResult cuEventRecord(nint @event, nint stream) => CuResult.Success;
    public CuResult cuEventSynchronize(nint @event) => CuResult.Success;
    public CuResult cuModuleUnload(nint module) => CuResult.Success;
    public CuResult cuFuncSetAttribute(nint function, int attribute, int value) => CuResult.Success;

    // Graphs are not recorded.
    public CuResult cuStreamBeginCapture(nint stream, int mode) => CuResult.StreamCaptureUnsupported;
    public CuResult cuStreamEndCapture(nint stream, nint* graph) => CuResult.StreamCaptureUnsupported;
    public CuResult cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags) =>
        CuResult.StreamCaptureUnsupported;
    public CuResult cuGraphLaunch(nint executable, nint stream) => CuResult.StreamCaptureUnsupported;
    public CuResult cuGraphExecDestroy(nint executable) => CuResult.StreamCaptureUnsupported;
    public CuResult cuGraphDestroy(nint graph) => CuResult.StreamCaptureUnsupported;

    private static CuResult Give<T>(T* destination, T value) where T : unmanaged
    {
        *destination = value;
        return CuResult.Success;
    }

    private static CuResult Move(void* destination, void* source, nuint bytes)
    {
        Buffer.MemoryCopy(source, destination, bytes, bytes);
        return CuResult.Success;
    }
}
