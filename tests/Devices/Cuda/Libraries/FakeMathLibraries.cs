using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>cuBLAS in single precision over the processor's memory.</summary>
internal sealed unsafe class FakeBlas : IBlas
{
    /// <summary>What creating a handle returns.</summary>
    public int CreateStatus { get; init; }

    public int cublasCreate(nint* handle)
    {
        *handle = 1;
        return CreateStatus;
    }

    public int cublasDestroy(nint handle) => 0;
    public int cublasSetStream(nint handle, nint stream) => 0;
    public int cublasSetWorkspace(nint handle, nint workspace, nuint bytes) => 0;
    public int cublasSetMathMode(nint handle, int mode) => 0;

    public int cublasGemmEx(
        nint handle, int operationA, int operationB, int m, int n, int k, void* alpha, nint a, int typeA, int lda,
        nint b, int typeB, int ldb, void* beta, nint c, int typeC, int ldc, int computeType, int algorithm)
    {
        if ((operationA, operationB, typeA, typeB, typeC, computeType, *(float*)alpha, *(float*)beta)
            != (0, 0, 0, 0, 0, 68, 1f, 0f))
        {
            return 15;
        }
        float* left = (float*)a, right = (float*)b, product = (float*)c;
        for (var row = 0; row < m; row++)
        {
            for (var column = 0; column < n; column++)
            {
                var sum = 0f;
                for (var i = 0; i < k; i++)
                    sum += left[row + (i * lda)] * right[i + (column * ldb)];
                product[row + (column * ldc)] = sum;
            }
        }
        return 0;
    }

    // The doctor asks for no fused product.
    public int cublasLtCreate(nint* handle) => throw new NotSupportedException();
    public int cublasLtDestroy(nint handle) => throw new NotSupportedException();
    public int cublasLtMatmulDescCreate(nint* descriptor, int computeType, int scaleType) =>
        throw new NotSupportedException();
    public int cublasLtMatmulDescDestroy(nint descriptor) => throw new NotSupportedException();
    public int cublasLtMatmulDescSetAttribute(nint descriptor, int attribute, void* value, nuint bytes) =>
        throw new NotSupportedException();
    public int cublasLtMatrixLayoutCreate(nint* layout, int type, ulong rows, ulong columns, long leadingDimension) =>
        throw new NotSupportedException();
    public int cublasLtMatrixLayoutDestroy(nint layout) => throw new NotSupportedException();
    public int cublasLtMatmulPreferenceCreate(nint* preference) => throw new NotSupportedException();
    public int cublasLtMatmulPreferenceDestroy(nint preference) => throw new NotSupportedException();
    public int cublasLtMatmulPreferenceSetAttribute(nint preference, int attribute, void* value, nuint bytes) =>
        throw new NotSupportedException();
    public int cublasLtMatmulAlgoGetHeuristic(
        nint handle, nint descriptor, nint layoutA, nint layoutB, nint layoutC, nint layoutD, nint preference,
        int requested, LtHeuristic* results, int* returned) => throw new NotSupportedException();
    public int cublasLtMatmul(
        nint handle, nint descriptor, void* alpha, nint a, nint layoutA, nint b, nint layoutB, void* beta, nint c,
        nint layoutC, nint d, nint layoutD, LtAlgorithm* algorithm, nint workspace,
        nuint workspaceBytes, nint stream) => throw new NotSupportedException();

    public string StatusText(int status) =>
        $"CUBLAS_STATUS_NOT_INITIALIZED ({status}): the library was not initialized";
}

/// <summary>cuDNN's forward convolution of the doctor's shape, NHWC and KRSC, over the processor's memory.</summary>
internal sealed unsafe class FakeDnn : IDnn
{
    /// <summary>Added to every result.</summary>
    public float Fault { get; init; }

    public nuint cudnnGetVersion() => 90600;
    public int cudnnCreate(nint* handle) => Give(handle);
    public int cudnnDestroy(nint handle) => 0;
    public int cudnnSetStream(nint handle, nint stream) => 0;
    public int cudnnCreateTensorDescriptor(nint* descriptor) => Give(descriptor);
    public int cudnnDestroyTensorDescriptor(nint descriptor) => 0;
    public int cudnnSetTensor4dDescriptor(nint descriptor, int format, int type, int n, int c, int h, int w) =>
        (format, type, n, c, h, w) == (1, 0, 2, 8, 5, 5) ? 0 : 2000;
    public int cudnnCreateFilterDescriptor(nint* descriptor) => Give(descriptor);
    public int cudnnDestroyFilterDescriptor(nint descriptor) => 0;
    public int cudnnSetFilter4dDescriptor(nint descriptor, int type, int format, int k, int c, int h, int w) =>
        (type, format, k, c, h, w) == (0, 1, 8, 8, 3, 3) ? 0 : 2000;
    public int cudnnCreateConvolutionDescriptor(nint* descriptor) => Give(descriptor);
    public int cudnnDestroyConvolutionDescriptor(nint descriptor) => 0;

    public int cudnnSetConvolution2dDescriptor(
        nint descriptor, int padH, int padW, int strideH, int strideW, int dilationH, int dilationW, int mode,
        int computeType) =>
        (padH, padW, strideH, strideW, dilationH, dilationW, mode, computeType) == (1, 1, 1, 1, 1, 1, 1, 0) ? 0 : 2000;

    public int cudnnSetConvolutionMathType(nint descriptor, int mathType) => 0;

    public int cudnnFindConvolutionForwardAlgorithmEx(
        nint handle, nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, nint yDescriptor, nint y,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes)
    {
        *returned = 1;
        results[0] = new DnnAlgorithm { Algorithm = 1 };
        return 0;
    }

    public int cudnnFindConvolutionBackwardDataAlgorithmEx(
        nint handle, nint wDescriptor, nint w, nint dyDescriptor, nint dy, nint convolution, nint dxDescriptor, nint dx,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes) =>
        throw new NotSupportedException();

    public int cudnnFindConvolutionBackwardFilterAlgorithmEx(
        nint handle, nint xDescriptor, nint x, nint dyDescriptor, nint dy, nint convolution, nint dwDescriptor, nint dw,
        int requested, int* returned, DnnAlgorithm* results, nint workspace, nuint workspaceBytes) =>
        throw new NotSupportedException();

    public int cudnnConvolutionForward(
        nint handle, void* alpha, nint xDescriptor, nint x, nint wDescriptor, nint w, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint yDescriptor, nint y)
    {
        // Taps outside, pixels inside: another order of loops than the self-test's own.
        var input = new ReadOnlySpan<float>((float*)x, 400);
        var weights = new ReadOnlySpan<float>((float*)w, 576);
        var output = new Span<float>((float*)y, 400);
        output.Fill(Fault);
        for (var r = 0; r < 3; r++)
        {
            for (var s = 0; s < 3; s++)
            {
                for (var pixel = 0; pixel < 50; pixel++)
                    AddTap(input, weights, output, pixel, r, s);
            }
        }
        return 0;
    }

    public int cudnnConvolutionBackwardData(
        nint handle, void* alpha, nint wDescriptor, nint w, nint dyDescriptor, nint dy, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint dxDescriptor, nint dx) =>
        throw new NotSupportedException();

    public int cudnnConvolutionBackwardFilter(
        nint handle, void* alpha, nint xDescriptor, nint x, nint dyDescriptor, nint dy, nint convolution, int algorithm,
        nint workspace, nuint workspaceBytes, void* beta, nint dwDescriptor, nint dw) =>
        throw new NotSupportedException();

    public int cudnnBackendCreateDescriptor(int type, nint* descriptor) => throw new NotSupportedException();
    public int cudnnBackendDestroyDescriptor(nint descriptor) => throw new NotSupportedException();
    public int cudnnBackendSetAttribute(nint descriptor, int name, int type, long count, void* elements) =>
        throw new NotSupportedException();
    public int cudnnBackendGetAttribute(
        nint descriptor, int name, int type, long requested, long* returned, void* elements) =>
        throw new NotSupportedException();
    public int cudnnBackendFinalize(nint descriptor) => throw new NotSupportedException();
    public int cudnnBackendExecute(nint handle, nint executionPlan, nint variantPack) =>
        throw new NotSupportedException();

    public string StatusText(int status) => $"CUDNN_STATUS_NOT_SUPPORTED ({status})";

    private static void AddTap(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<float> y, int pixel, int r, int s)
    {
        var (row, column) = ((pixel % 25 / 5) + r - 1, (pixel % 5) + s - 1);
        if (row is < 0 or > 4 || column is < 0 or > 4)
            return;
        var source = ((pixel / 25 * 25) + (row * 5) + column) * 8;
        for (var k = 0; k < 8; k++)
        {
            for (var c = 0; c < 8; c++)
                y[(pixel * 8) + k] += x[source + c] * w[(((k * 3) + r) * 3 * 8) + (s * 8) + c];
        }
    }

    private static int Give(nint* handle)
    {
        *handle = 1;
        return 0;
    }
}
