namespace Flixstock.Engine;

/// <summary>NVIDIA's driver. Make one only after <see cref="CudaLibrary.Driver"/> was opened.</summary>
internal sealed unsafe class NativeDriver : ICudaDriver
{
    public object Identity => typeof(NativeDriver);

    public bool WantsPtx => false;

    public CuResult cuInit(uint flags) => Cu.cuInit(flags);
    public CuResult cuDriverGetVersion(int* version) => Cu.cuDriverGetVersion(version);
    public CuResult cuDeviceGetCount(int* count) => Cu.cuDeviceGetCount(count);
    public CuResult cuDeviceGet(int* device, int ordinal) => Cu.cuDeviceGet(device, ordinal);
    public CuResult cuDeviceGetName(byte* name, int length, int device) => Cu.cuDeviceGetName(name, length, device);
    public CuResult cuDeviceGetAttribute(int* value, int attribute, int device) =>
        Cu.cuDeviceGetAttribute(value, attribute, device);
    public CuResult cuDevicePrimaryCtxRetain(nint* context, int device) => Cu.cuDevicePrimaryCtxRetain(context, device);
    public CuResult cuCtxSetCurrent(nint context) => Cu.cuCtxSetCurrent(context);
    public CuResult cuGetErrorName(CuResult error, nint* name) => Cu.cuGetErrorName(error, name);
    public CuResult cuGetErrorString(CuResult error, nint* text) => Cu.cuGetErrorString(error, text);
    public CuResult cuMemGetInfo(nuint* free, nuint* total) => Cu.cuMemGetInfo_v2(free, total);
    public CuResult cuMemAlloc(nint* address, nuint bytes) => Cu.cuMemAlloc_v2(address, bytes);
    public CuResult cuMemFree(nint address) => Cu.cuMemFree_v2(address);
    public CuResult cuMemHostAlloc(nint* address, nuint bytes, uint flags) => Cu.cuMemHostAlloc(address, bytes, flags);
    public CuResult cuMemFreeHost(nint address) => Cu.cuMemFreeHost(address);
    public CuResult cuMemcpyHtoDAsync(nint destination, void* source, nuint bytes, nint stream) =>
        Cu.cuMemcpyHtoDAsync_v2(destination, source, bytes, stream);
    public CuResult cuMemcpyDtoHAsync(void* destination, nint source, nuint bytes, nint stream) =>
        Cu.cuMemcpyDtoHAsync_v2(destination, source, bytes, stream);
    public CuResult cuMemcpyDtoDAsync(nint destination, nint source, nuint bytes, nint stream) =>
        Cu.cuMemcpyDtoDAsync_v2(destination, source, bytes, stream);
    public CuResult cuMemsetD8Async(nint destination, byte value, nuint count, nint stream) =>
        Cu.cuMemsetD8Async(destination, value, count, stream);
    public CuResult cuStreamCreate(nint* stream, uint flags) => Cu.cuStreamCreate(stream, flags);
    public CuResult cuStreamDestroy(nint stream) => Cu.cuStreamDestroy_v2(stream);
    public CuResult cuStreamSynchronize(nint stream) => Cu.cuStreamSynchronize(stream);
    public CuResult cuStreamWaitEvent(nint stream, nint @event, uint flags) =>
        Cu.cuStreamWaitEvent(stream, @event, flags);
    public CuResult cuEventCreate(nint* @event, uint flags) => Cu.cuEventCreate(@event, flags);
    public CuResult cuEventDestroy(nint @event) => Cu.cuEventDestroy_v2(@event);
    public CuResult cuEventRecord(nint @event, nint stream) => Cu.cuEventRecord(@event, stream);
    public CuResult cuEventSynchronize(nint @event) => Cu.cuEventSynchronize(@event);
    public CuResult cuEventElapsedTime(float* milliseconds, nint start, nint end) =>
        Cu.cuEventElapsedTime(milliseconds, start, end);
    public CuResult cuModuleLoadData(nint* module, void* image) => Cu.cuModuleLoadData(module, image);
    public CuResult cuModuleUnload(nint module) => Cu.cuModuleUnload(module);
    public CuResult cuModuleGetFunction(nint* function, nint module, string name) =>
        Cu.cuModuleGetFunction(function, module, name);
    public CuResult cuFuncSetAttribute(nint function, int attribute, int value) =>
        Cu.cuFuncSetAttribute(function, attribute, value);
    public CuResult cuLaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes,
        nint stream, void** parameters, void** extra) =>
        Cu.cuLaunchKernel(
            function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, parameters, extra);
    public CuResult cuStreamBeginCapture(nint stream, int mode) => Cu.cuStreamBeginCapture_v2(stream, mode);
    public CuResult cuStreamEndCapture(nint stream, nint* graph) => Cu.cuStreamEndCapture(stream, graph);
    public CuResult cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags) =>
        Cu.cuGraphInstantiateWithFlags(executable, graph, flags);
    public CuResult cuGraphLaunch(nint executable, nint stream) => Cu.cuGraphLaunch(executable, stream);
    public CuResult cuGraphExecDestroy(nint executable) => Cu.cuGraphExecDestroy(executable);
    public CuResult cuGraphDestroy(nint graph) => Cu.cuGraphDestroy(graph);
}
