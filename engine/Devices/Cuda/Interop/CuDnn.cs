using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// cuDNN 8.9 and 9: the legacy convolution API and the backend (graph) API. Native names, native argument order,
/// nothing added. https://docs.nvidia.com/deeplearning/cudnn/backend/latest/api/
/// </summary>
internal static unsafe partial class CuDnn
{
    internal const string Library = "cudnn";

    // cudnnTensorFormat_t, cudnnDataType_t, cudnnConvolutionMode_t, cudnnMathType_t
    internal const int Nhwc = 1, TypeFloat = 0, CrossCorrelation = 1, TensorOpMath = 1, FmaMath = 3;

    /// <summary>90600 is 9.6.0; 8907 is 8.9.7.</summary>
    [LibraryImport(Library)] internal static partial nuint cudnnGetVersion();

    /// <summary>Owned by the library.</summary>
    [LibraryImport(Library)] internal static partial nint cudnnGetErrorString(int status);

    /// <summary>Why the last call of this thread was refused; from 9.0 on.</summary>
    [LibraryImport(Library), OptionalSymbol]
    internal static partial void cudnnGetLastErrorString(byte* message, nuint size);

    [LibraryImport(Library)] internal static partial int cudnnCreate(nint* handle);
    [LibraryImport(Library)] internal static partial int cudnnDestroy(nint handle);
    [LibraryImport(Library)] internal static partial int cudnnSetStream(nint handle, nint stream);
    [LibraryImport(Library)] internal static partial int cudnnCreateTensorDescriptor(nint* descriptor);
    [LibraryImport(Library)] internal static partial int cudnnDestroyTensorDescriptor(nint descriptor);
    [LibraryImport(Library)]
    internal static partial int cudnnSetTensor4dDescriptor(
        nint descriptor, int format, int type, int n, int c, int h, int w);
    [LibraryImport(Library)] internal static partial int cudnnCreateFilterDescriptor(nint* descriptor);
    [LibraryImport(Library)] internal static partial int cudnnDestroyFilterDescriptor(nint descriptor);
    [LibraryImport(Library)]
    internal static partial int cudnnSetFilter4dDescriptor(
        nint descriptor, int type, int format, int k, int c, int h, int w);
    [LibraryImport(Library)] internal static partial int cudnnCreateConvolutionDescriptor(nint* descriptor);
    [LibraryImport(Library)] internal static partial int cudnnDestroyConvolutionDescriptor(nint descriptor);

    [LibraryImport(Library)]
    internal static partial int cudnnSetConvolution2dDescriptor(
        nint descriptor, int padH, int padW, int strideH, int strideW, int dilationH, int dilationW, int mode,
        int computeType);

    [LibraryImport(Library)] internal static partial int cudnnSetConvolutionMathType(nint descriptor, int mathType);

    [LibraryImport(Library)]
    internal static partial int cudnnFindConvolutionForwardAlgorithmEx(
        nint handle, nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, nint yDescriptor, nint y,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes);

    [LibraryImport(Library)]
    internal static partial int cudnnFindConvolutionBackwardDataAlgorithmEx(
        nint handle, nint wDescriptor, nint w, nint dyDescriptor, nint dy, nint convolution, nint dxDescriptor, nint dx,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes);

    [LibraryImport(Library)]
    internal static partial int cudnnFindConvolutionBackwardFilterAlgorithmEx(
        nint handle, nint xDescriptor, nint x, nint dyDescriptor, nint dy, nint convolution, nint dwDescriptor, nint dw,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes);

    [LibraryImport(Library)]
    internal static partial int cudnnConvolutionForward(
        nint handle, void* alpha, nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint yDescriptor, nint y);

    [LibraryImport(Library)]
    internal static partial int cudnnConvolutionBackwardData(
        nint handle, void* alpha, nint wDescriptor, nint w, nint dyDescriptor, nint dy, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint dxDescriptor, nint dx);

    [LibraryImport(Library)]
    internal static partial int cudnnConvolutionBackwardFilter(
        nint handle, void* alpha, nint xDescriptor, nint x, nint dyDescriptor, nint dy, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint dwDescriptor, nint dw);

    // The graph API: https://docs.nvidia.com/deeplearning/cudnn/backend/latest/developer/graph-api.html
    [LibraryImport(Library)] internal static partial int cudnnBackendCreateDescriptor(int type, nint* descriptor);
    [LibraryImport(Library)] internal static partial int cudnnBackendDestroyDescriptor(nint descriptor);
    [LibraryImport(Library)]
    internal static partial int cudnnBackendSetAttribute(
        nint descriptor, int name, int type, long count, void* elements);
    [LibraryImport(Library)]
    internal static partial int cudnnBackendGetAttribute(
        nint descriptor, int name, int type, long requested, long* returned, void* elements);
    [LibraryImport(Library)] internal static partial int cudnnBackendFinalize(nint descriptor);
    [LibraryImport(Library)]
    internal static partial int cudnnBackendExecute(nint handle, nint executionPlan, nint variantPack);
}
