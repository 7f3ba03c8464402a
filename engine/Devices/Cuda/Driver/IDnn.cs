namespace Flixstock.Engine;

/// <summary>
/// The cuDNN calls (legacy convolution API and graph API) the engine makes, native names and argument order, status as
/// the library returns it (0 is success). NHWC: dimensions are still passed as n, c, h, w and k, c, h, w.
/// </summary>
internal unsafe interface IDnn
{
    nuint cudnnGetVersion();
    int cudnnCreate(nint* handle);
    int cudnnDestroy(nint handle);
    int cudnnSetStream(nint handle, nint stream);
    int cudnnCreateTensorDescriptor(nint* descriptor);
    int cudnnDestroyTensorDescriptor(nint descriptor);
    int cudnnSetTensor4dDescriptor(nint descriptor, int format, int type, int n, int c, int h, int w);
    int cudnnCreateFilterDescriptor(nint* descriptor);
    int cudnnDestroyFilterDescriptor(nint descriptor);
    int cudnnSetFilter4dDescriptor(nint descriptor, int type, int format, int k, int c, int h, int w);
    int cudnnCreateConvolutionDescriptor(nint* descriptor);
    int cudnnDestroyConvolutionDescriptor(nint descriptor);
    int cudnnSetConvolution2dDescriptor(
        nint descriptor, int padH, int padW, int strideH, int strideW, int dilationH, int dilationW, int mode,
        int computeType);
    int cudnnSetConvolutionMathType(nint descriptor, int mathType);

    int cudnnFindConvolutionForwardAlgorithmEx(
        nint handle, nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, nint yDescriptor, nint y,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes);
    int cudnnFindConvolutionBackwardDataAlgorithmEx(
        nint handle, nint wDescriptor, nint w, nint dyDescriptor, nint dy, nint convolution, nint dxDescriptor, nint dx,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes);
    int cudnnFindConvolutionBackwardFilterAlgorithmEx(
        nint handle, nint xDescriptor, nint x, nint dyDescriptor, nint dy, nint convolution, nint dwDescriptor, nint dw,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes);

    int cudnnConvolutionForward(
        nint handle, void* alpha, nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint yDescriptor, nint y);
    int cudnnConvolutionBackwardData(
        nint handle, void* alpha, nint wDescriptor, nint w, nint dyDescriptor, nint dy, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint dxDescriptor, nint dx);
    int cudnnConvolutionBackwardFilter(
        nint handle, void* alpha, nint xDescriptor, nint x, nint dyDescriptor, nint dy, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint dwDescriptor, nint dw);

    int cudnnBackendCreateDescriptor(int type, nint* descriptor);
    int cudnnBackendDestroyDescriptor(nint descriptor);
    int cudnnBackendSetAttribute(nint descriptor, int name, int type, long count, void* elements);
    int cudnnBackendGetAttribute(nint descriptor, int name, int type, long requested, long* returned, void* elements);
    int cudnnBackendFinalize(nint descriptor);
    int cudnnBackendExecute(nint handle, nint executionPlan, nint variantPack);

    /// <summary>
    /// The library's text for a status, with the reason of the last refusal if the library keeps one.
    /// </summary>
    string StatusText(int status);
}
