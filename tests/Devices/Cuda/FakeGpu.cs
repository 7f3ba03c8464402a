using System.Runtime.InteropServices;
using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>
/// A driver whose devices are the processor's memory: enough for the doctor and for the texts of failures.
/// </summary>
internal sealed unsafe class FakeGpu : ICudaDriver
{
    private readonly Dictionary<CuResult, (nint Name, nint Text)> _words = new()
    {
        [CuResult.OutOfMemory] = (Utf8("CUDA_ERROR_OUT_OF_MEMORY"), Utf8("out of memory")),
        [CuResult.NoDevice] = (Utf8("CUDA_ERROR_NO_DEVICE"), Utf8("no CUDA-capable device is detected")),
        [CuResult.IllegalAddress] =
            (Utf8("CUDA_ERROR_ILLEGAL_ADDRESS"), Utf8("an illegal memory access was encountered")),
        [CuResult.SystemDriverMismatch] = (
            Utf8("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"),
            Utf8("system has unsupported display driver / cuda driver combination")),
        [CuResult.UnsupportedPtxVersion] = (
            Utf8("CUDA_ERROR_UNSUPPORTED_PTX_VERSION"),
            Utf8("the provided PTX was compiled with an unsupported toolchain.")),
    };

    private readonly HashSet<nint> _allocated = [];

    public List<(string Name, int Major, int Minor)> Devices { get; } = [];

    /// <summary>Status by the name of a call, instead of doing it.</summary>
    public Dictionary<string, CuResult> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>Added to what the self-test's kernel computes.</summary>
    public float Fault { get; init; }

    public int Live => _allocated.Count;

    public bool WantsPtx => true;

    public CuResult cuInit(uint flags) => Result(nameof(cuInit));
    public CuResult cuDriverGetVersion(int* version) => throw new NotSupportedException();
    public CuResult cuDeviceGetCount(int* count) => Set(count, Devices.Count);
    public CuResult cuDeviceGet(int* device, int ordinal) => Set(device, ordinal);

    public CuResult cuDeviceGetName(byte* name, int length, int device)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(Devices[device].Name + '\0');
        text.CopyTo(new Span<byte>(name, length));
        return Result(nameof(cuDeviceGetName));
    }

    public CuResult cuDeviceGetAttribute(int* value, int attribute, int device) =>
        Set(value, attribute switch
        {
            75 => Devices[device].Major,
            76 => Devices[device].Minor,
            16 => 132,
            _ => throw new NotSupportedException(),
        });

    public CuResult cuDevicePrimaryCtxRetain(nint* context, int device) =>
        Set(context, 1, Result(nameof(cuDevicePrimaryCtxRetain)));
    public CuResult cuCtxSetCurrent(nint context) => CuResult.Success;
    public CuResult cuGetErrorName(CuResult error, nint* name) =>
        _words.TryGetValue(error, out var words) ? Set(name, words.Name) : CuResult.InvalidValue;
    public CuResult cuGetErrorString(CuResult error, nint* text) =>
        _words.TryGetValue(error, out var words) ? Set(text, words.Text) : CuResult.InvalidValue;

    public CuResult cuMemGetInfo(nuint* free, nuint* total)
    {
        *free = 3 << 29;
        *total = (nuint)80 << 30;
        return Result(nameof(cuMemGetInfo));
    }

    public CuResult cuMemAlloc(nint* address, nuint bytes)
    {
        if (Result(nameof(cuMemAlloc)) is not CuResult.Success and var failure)
            return failure;
        _allocated.Add(*address = (nint)NativeMemory.Alloc(bytes));
        return CuResult.Success;
    }

    public CuResult cuMemFree(nint address)
    {
        if (!_allocated.Remove(address))
            return CuResult.InvalidValue;
        NativeMemory.Free((void*)address);
        return CuResult.Success;
    }

    public CuResult cuMemHostAlloc(nint* address, nuint bytes, uint flags) => throw new NotSupportedException();
    public CuResult cuMemFreeHost(nint address) => throw new NotSupportedException();
    public CuResult cuMemcpyHtoDAsync(nint destination, void* source, nuint bytes, nint stream) =>
        Copy((void*)destination, source, bytes);
    public CuResult cuMemcpyDtoHAsync(void* destination, nint source, nuint bytes, nint stream) =>
        Copy(destination, (void*)source, bytes);
    public CuResult cuMemcpyDtoDAsync(nint destination, nint source, nuint bytes, nint stream) =>
        Copy((void*)destination, (void*)source, bytes);
    public CuResult cuMemsetD8Async(nint destination, byte value, nuint count, nint stream) =>
        throw new NotSupportedException();
    public CuResult cuStreamCreate(nint* stream, uint flags) => Set(stream, 1, CuResult.Success);
    public CuResult cuStreamDestroy(nint stream) => CuResult.Success;
    public CuResult cuStreamSynchronize(nint stream) => Result(nameof(cuStreamSynchronize));
    public CuResult cuStreamWaitEvent(nint stream, nint @event, uint flags) => throw new NotSupportedException();
    public CuResult cuEventCreate(nint* @event, uint flags) => throw new NotSupportedException();
    public CuResult cuEventDestroy(nint @event) => throw new NotSupportedException();
    public CuResult cuEventRecord(nint @event, nint stream) => throw new NotSupportedException();
    public CuResult cuEventSynchronize(nint @event) => throw new NotSupportedException();
    public CuResult cuEventElapsedTime(float* milliseconds, nint start, nint end) => throw new NotSupportedException();

    public CuResult cuModuleLoadData(nint* module, void* image) =>
        Marshal.PtrToStringUTF8((nint)image)!.Contains(".entry flixstock_self_test", StringComparison.Ordinal)
            ? Set(module, 1, Result(nameof(cuModuleLoadData)))
            : CuResult.InvalidImage;

    public CuResult cuModuleUnload(nint module) => CuResult.Success;
    public CuResult cuModuleGetFunction(nint* function, nint module, string name) => Set(function, 1, CuResult.Success);
    public CuResult cuFuncSetAttribute(nint function, int attribute, int value) => throw new NotSupportedException();

    public CuResult cuLaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes,
        nint stream, void** parameters, void** extra)
    {
        var x = *(float**)parameters[0];
        var count = *(int*)parameters[1];
        for (var i = 0; i < Math.Min(count, gridX * blockX); i++)
            x[i] = (2 * x[i]) + 1 + Fault;
        return Result(nameof(cuLaunchKernel));
    }

    public CuResult cuStreamBeginCapture(nint stream, int mode) => throw new NotSupportedException();
    public CuResult cuStreamEndCapture(nint stream, nint* graph) => throw new NotSupportedException();
    public CuResult cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags) =>
        throw new NotSupportedException();
    public CuResult cuGraphLaunch(nint executable, nint stream) => throw new NotSupportedException();
    public CuResult cuGraphExecDestroy(nint executable) => throw new NotSupportedException();
    public CuResult cuGraphDestroy(nint graph) => throw new NotSupportedException();

    private CuResult Result(string call) => Failures.GetValueOrDefault(call, CuResult.Success);

    private static CuResult Copy(void* destination, void* source, nuint bytes)
    {
        NativeMemory.Copy(source, destination, bytes);
        return CuResult.Success;
    }

    private static CuResult Set<T>(T* place, T value, CuResult result = CuResult.Success) where T : unmanaged
    {
        *place = value;
        return result;
    }

    private static nint Utf8(string text) => Marshal.StringToCoTaskMemUTF8(text);
}
