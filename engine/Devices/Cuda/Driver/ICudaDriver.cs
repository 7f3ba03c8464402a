namespace Flixstock.Engine;

/// <summary>
/// The CUDA driver calls the engine makes, with native names (without the version suffix of the exported symbol) and
/// native argument order: the seam between <see cref="CudaDevice"/> and the machine. One implementation calls the
/// driver, another one executes PTX on the processor, so that the same device code runs in tests. Handles are the
/// driver's own.
/// </summary>
internal unsafe interface ICudaDriver
{
    /// <summary>Equal for all instances that are the same driver.</summary>
    object Identity => this;

    /// <summary>True if <see cref="cuModuleLoadData"/> wants PTX text instead of a CUBIN.</summary>
    bool WantsPtx { get; }

    CuResult cuInit(uint flags);
    CuResult cuDriverGetVersion(int* version);
    CuResult cuDeviceGetCount(int* count);
    CuResult cuDeviceGet(int* device, int ordinal);
    CuResult cuDeviceGetName(byte* name, int length, int device);
    CuResult cuDeviceGetAttribute(int* value, int attribute, int device);
    CuResult cuDevicePrimaryCtxRetain(nint* context, int device);
    CuResult cuCtxSetCurrent(nint context);
    CuResult cuGetErrorName(CuResult error, nint* name);
    CuResult cuGetErrorString(CuResult error, nint* text);

    CuResult cuMemGetInfo(nuint* free, nuint* total);
    CuResult cuMemAlloc(nint* address, nuint bytes);
    CuResult cuMemFree(nint address);
    CuResult cuMemHostAlloc(nint* address, nuint bytes, uint flags);
    CuResult cuMemFreeHost(nint address);
    CuResult cuMemcpyHtoDAsync(nint destination, void* source, nuint bytes, nint stream);
    CuResult cuMemcpyDtoHAsync(void* destination, nint source, nuint bytes, nint stream);
    CuResult cuMemcpyDtoDAsync(nint destination, nint source, nuint bytes, nint stream);
    CuResult cuMemsetD8Async(nint destination, byte value, nuint count, nint stream);

    CuResult cuStreamCreate(nint* stream, uint flags);
    CuResult cuStreamDestroy(nint stream);
    CuResult cuStreamSynchronize(nint stream);
    CuResult cuStreamWaitEvent(nint stream, nint @event, uint flags);
    CuResult cuEventCreate(nint* @event, uint flags);
    CuResult cuEventDestroy(nint @event);
    CuResult cuEventRecord(nint @event, nint stream);
    CuResult cuEventSynchronize(nint @event);
    CuResult cuEventElapsedTime(float* milliseconds, nint start, nint end);

    CuResult cuModuleLoadData(nint* module, void* image);
    CuResult cuModuleUnload(nint module);
    CuResult cuModuleGetFunction(nint* function, nint module, string name);
    CuResult cuFuncSetAttribute(nint function, int attribute, int value);
    CuResult cuLaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes,
        nint stream, void** parameters, void** extra);

    CuResult cuStreamBeginCapture(nint stream, int mode);
    CuResult cuStreamEndCapture(nint stream, nint* graph);
    CuResult cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags);
    CuResult cuGraphLaunch(nint executable, nint stream);
    CuResult cuGraphExecDestroy(nint executable);
    CuResult cuGraphDestroy(nint graph);
}
