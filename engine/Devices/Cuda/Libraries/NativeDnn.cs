using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// cuDNN. Make one only after <see cref="CudaLibrary.CuDnn"/> was opened: incomplete files end the process.
/// </summary>
internal sealed unsafe class NativeDnn : IDnn
{
    private static readonly bool KeepsReasons = NativeLibraries.Process.Has(
        CuDnn.Library, nameof(CuDnn.cudnnGetLastErrorString));

    public nuint cudnnGetVersion() => CuDnn.cudnnGetVersion();
    public int cudnnCreate(nint* handle) => CuDnn.cudnnCreate(handle);
    public int cudnnDestroy(nint handle) => CuDnn.cudnnDestroy(handle);
    public int cudnnSetStream(nint handle, nint stream) => CuDnn.cudnnSetStream(handle, stream);
    public int cudnnCreateTensorDescriptor(nint* descriptor) => CuDnn.cudnnCreateTensorDescriptor(descriptor);
    public int cudnnDestroyTensorDescriptor(nint descriptor) => CuDnn.cudnnDestroyTensorDescriptor(descriptor);
    public int cudnnSetTensor4dDescriptor(
        nint descriptor, int format, int type, int n, int c, int h, int w)
        => CuDnn.cudnnSetTensor4dDescriptor(
            descriptor, format, type, n, c, h, w);
    public int cudnnCreateFilterDescriptor(nint* descriptor) => CuDnn.cudnnCreateFilterDescriptor(descriptor);
    public int cudnnDestroyFilterDescriptor(nint descriptor) => CuDnn.cudnnDestroyFilterDescriptor(descriptor);
    public int cudnnSetFilter4dDescriptor(
        nint descriptor, int type, int format, int k, int c, int h, int w)
        => CuDnn.cudnnSetFilter4dDescriptor(
            descriptor, type, format, k, c, h, w);
    public int cudnnCreateConvolutionDescriptor(nint* descriptor) => CuDnn.cudnnCreateConvolutionDescriptor(descriptor);
    public int cudnnDestroyConvolutionDescriptor(nint descriptor) =>
        CuDnn.cudnnDestroyConvolutionDescriptor(descriptor);
    public int cudnnSetConvolution2dDescriptor(
        nint descriptor, int padH, int padW, int strideH, int strideW, int dilationH, int dilationW, int mode,
        int computeType) =>
        CuDnn.cudnnSetConvolution2dDescriptor(
            descriptor, padH, padW, strideH, strideW, dilationH, dilationW, mode, computeType);
    public int cudnnSetConvolutionMathType(nint descriptor, int mathType) =>
        CuDnn.cudnnSetConvolutionMathType(descriptor, mathType);
    public int cudnnFindConvolutionForwardAlgorithmEx(
        nint handle, nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, nint yDescriptor, nint y,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes) =>
        CuDnn.cudnnFindConvolutionForwardAlgorithmEx(
            handle, xDescriptor, x, wDescriptor, w, convolution, yDescriptor, y, requested, returned, results,
            workspace, workspaceBytes);
    public int cudnnFindConvolutionBackwardDataAlgorithmEx(
        nint handle, nint wDescriptor, nint w, nint dyDescriptor, nint dy, nint convolution, nint dxDescriptor, nint dx,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes) =>
        CuDnn.cudnnFindConvolutionBackwardDataAlgorithmEx(
            handle, wDescriptor, w, dyDescriptor, dy, convolution, dxDescriptor, dx, requested, returned, results,
            workspace, workspaceBytes);
    public int cudnnFindConvolutionBackwardFilterAlgorithmEx(
        nint handle, nint xDescriptor, nint x, nint dyDescriptor, nint dy, nint convolution, nint dwDescriptor, nint dw,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes) =>
        CuDnn.cudnnFindConvolutionBackwardFilterAlgorithmEx(
            handle, xDescriptor, x, dyDescriptor, dy, convolution, dwDescriptor, dw, requested, returned, results,
            workspace, workspaceBytes);
    public int cudnnConvolutionForward(
        nint handle, void* alpha, nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint yDescriptor, nint y) =>
        CuDnn.cudnnConvolutionForward(
            handle, alpha, xDescriptor, x, wDescriptor, w, convolution, algorithm, workspace, workspaceBytes, beta,
            yDescriptor, y);
    public int cudnnConvolutionBackwardData(
        nint handle, void* alpha, nint wDescriptor, nint w, nint dyDescriptor, nint dy, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint dxDescriptor, nint dx) =>
        CuDnn.cudnnConvolutionBackwardData(
            handle, alpha, wDescriptor, w, dyDescriptor, dy, convolution, algorithm, workspace, workspaceBytes, beta,
            dxDescriptor, dx);
    public int cudnnConvolutionBackwardFilter(
        nint handle, void* alpha, nint xDescriptor, nint x, nint dyDescriptor, nint dy, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint dwDescriptor, nint dw) =>
        CuDnn.cudnnConvolutionBackwardFilter(
            handle, alpha, xDescriptor, x, dyDescriptor, dy, convolution, algorithm, workspace, workspaceBytes, beta,
            dwDescriptor, dw);

    public int cudnnBackendCreateDescriptor(int type, nint* descriptor) =>
        CuDnn.cudnnBackendCreateDescriptor(type, descriptor);
    public int cudnnBackendDestroyDescriptor(nint descriptor) => CuDnn.cudnnBackendDestroyDescriptor(descriptor);
    public int cudnnBackendSetAttribute(nint descriptor, int name, int type, long count, void* elements)
        => CuDnn.cudnnBackendSetAttribute(descriptor, name, type, count, elements);
    public int cudnnBackendGetAttribute(
        nint descriptor, int name, int type, long requested, long* returned, void* elements) =>
        CuDnn.cudnnBackendGetAttribute(descriptor, name, type, requested, returned, elements);
    public int cudnnBackendFinalize(nint descriptor) => CuDnn.cudnnBackendFinalize(descriptor);
    public int cudnnBackendExecute(nint handle, nint executionPlan, nint variantPack) =>
        CuDnn.cudnnBackendExecute(handle, executionPlan, variantPack);

    public string StatusText(int status)
    {
        var name = $"{Marshal.PtrToStringUTF8(CuDnn.cudnnGetErrorString(status))} ({status})";
        if (!KeepsReasons)
            return name;
        const int Most = 512;
        var buffer = stackalloc byte[Most];
        CuDnn.cudnnGetLastErrorString(buffer, Most - 1);
        return Marshal.PtrToStringUTF8((nint)buffer) is { Length: > 0 } reason ? $"{name}: {reason}" : name;
    }
}
