using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// CUDA driver API: only the calls the engine makes, under the names that the driver exports: the unsuffixed name of a
/// call that has a <c>_v2</c> is an older one with other arguments. Native argument order, nothing added.
/// https://docs.nvidia.com/cuda/cuda-driver-api/
/// </summary>
internal static unsafe partial class Cu
{
    internal const string Library = "cuda";

    // CUdevice_attribute
    internal const int MultiprocessorCount = 16, ComputeCapabilityMajor = 75, ComputeCapabilityMinor = 76;

    [LibraryImport(Library)] internal static partial CuResult cuInit(uint flags);
    [LibraryImport(Library)] internal static partial CuResult cuDriverGetVersion(int* version);
    [LibraryImport(Library)] internal static partial CuResult cuDeviceGetCount(int* count);
    [LibraryImport(Library)] internal static partial CuResult cuDeviceGet(int* device, int ordinal);
    [LibraryImport(Library)] internal static partial CuResult cuDeviceGetName(byte* name, int length, int device);
    [LibraryImport(Library)] internal static partial CuResult cuDeviceTotalMem_v2(nuint* bytes, int device);
    [LibraryImport(Library)]
    internal static partial CuResult cuDeviceGetAttribute(int* value, int attribute, int device);
    [LibraryImport(Library)] internal static partial CuResult cuDeviceGetPCIBusId(byte* id, int length, int device);
    [LibraryImport(Library)] internal static partial CuResult cuDevicePrimaryCtxRetain(nint* context, int device);
    [LibraryImport(Library)] internal static partial CuResult cuCtxSetCurrent(nint context);
    [LibraryImport(Library)] internal static partial CuResult cuGetErrorName(CuResult error, nint* name);
    [LibraryImport(Library)] internal static partial CuResult cuGetErrorString(CuResult error, nint* text);

    [LibraryImport(Library)] internal static partial CuResult cuMemGetInfo_v2(nuint* free, nuint* total);
    [LibraryImport(Library)] internal static partial CuResult cuMemAlloc_v2(nint* address, nuint bytes);
    [LibraryImport(Library)] internal static partial CuResult cuMemFree_v2(nint address);
    [LibraryImport(Library)] internal static partial CuResult cuMemHostAlloc(nint* address, nuint bytes, uint flags);
    [LibraryImport(Library)] internal static partial CuResult cuMemFreeHost(nint address);
    [LibraryImport(Library)]
    internal static partial CuResult cuMemcpyHtoDAsync_v2(nint destination, void* source, nuint bytes, nint stream);
    [LibraryImport(Library)]
    internal static partial CuResult cuMemcpyDtoHAsync_v2(void* destination, nint source, nuint bytes, nint stream);
    [LibraryImport(Library)]
    internal static partial CuResult cuMemcpyDtoDAsync_v2(nint destination, nint source, nuint bytes, nint stream);
    [LibraryImport(Library)]
    internal static partial CuResult cuMemsetD8Async(nint destination, byte value, nuint count, nint stream);

    [LibraryImport(Library)] internal static partial CuResult cuStreamCreate(nint* stream, uint flags);
    [LibraryImport(Library)] internal static partial CuResult cuStreamDestroy_v2(nint stream);
    [LibraryImport(Library)] internal static partial CuResult cuStreamSynchronize(nint stream);
    [LibraryImport(Library)] internal static partial CuResult cuStreamWaitEvent(nint stream, nint @event, uint flags);
    [LibraryImport(Library)] internal static partial CuResult cuEventCreate(nint* @event, uint flags);
    [LibraryImport(Library)] internal static partial CuResult cuEventDestroy_v2(nint @event);
    [LibraryImport(Library)] internal static partial CuResult cuEventRecord(nint @event, nint stream);
    [LibraryImport(Library)] internal static partial CuResult cuEventSynchronize(nint @event);
    [LibraryImport(Library)]
    internal static partial CuResult cuEventElapsedTime(float* milliseconds, nint start, nint end);

    [LibraryImport(Library)] internal static partial CuResult cuModuleLoadData(nint* module, void* image);
    [LibraryImport(Library)] internal static partial CuResult cuModuleUnload(nint module);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial CuResult cuModuleGetFunction(nint* function, nint module, string name);

    [LibraryImport(Library)]
    internal static partial CuResult cuFuncSetAttribute(nint function, int attribute, int value);

    [LibraryImport(Library)]
    internal static partial CuResult cuLaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes,
        nint stream, void** parameters, void** extra);

    // The one-argument cuStreamBeginCapture and the five-argument cuGraphInstantiate are other functions.
    [LibraryImport(Library)] internal static partial CuResult cuStreamBeginCapture_v2(nint stream, int mode);
    [LibraryImport(Library)] internal static partial CuResult cuStreamEndCapture(nint stream, nint* graph);
    [LibraryImport(Library)]
    internal static partial CuResult cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags);
    [LibraryImport(Library)] internal static partial CuResult cuGraphLaunch(nint executable, nint stream);
    [LibraryImport(Library)] internal static partial CuResult cuGraphExecDestroy(nint executable);
    [LibraryImport(Library)] internal static partial CuResult cuGraphDestroy(nint graph);
}
