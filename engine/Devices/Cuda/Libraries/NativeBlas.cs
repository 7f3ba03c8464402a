using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>cuBLAS. Make one only after <see cref="CudaLibrary.CuBlas"/> was opened.</summary>
internal sealed unsafe class NativeBlas : IBlas
{
    public int cublasCreate(nint* handle) => CuBlas.cublasCreate_v2(handle);
    public int cublasDestroy(nint handle) => CuBlas.cublasDestroy_v2(handle);
    public int cublasSetStream(nint handle, nint stream) => CuBlas.cublasSetStream_v2(handle, stream);
    public int cublasSetWorkspace(nint handle, nint workspace, nuint bytes) =>
        CuBlas.cublasSetWorkspace_v2(handle, workspace, bytes);
    public int cublasSetMathMode(nint handle, int mode) => CuBlas.cublasSetMathMode(handle, mode);
    public int cublasGemmEx(
        nint handle, int operationA, int operationB, int m, int n, int k, void* alpha, nint a, int typeA, int lda,
        nint b, int typeB, int ldb, void* beta, nint c, int typeC, int ldc, int computeType, int algorithm) =>
        CuBlas.cublasGemmEx(
            handle, operationA, operationB, m, n, k, alpha, a, typeA, lda, b, typeB, ldb, beta, c, typeC, ldc,
            computeType, algorithm);

    public int cublasLtCreate(nint* handle) => CuBlasLt.cublasLtCreate(handle);
    public int cublasLtDestroy(nint handle) => CuBlasLt.cublasLtDestroy(handle);
    public int cublasLtMatmulDescCreate(nint* descriptor, int computeType, int scaleType) =>
        CuBlasLt.cublasLtMatmulDescCreate(descriptor, computeType, scaleType);
    public int cublasLtMatmulDescDestroy(nint descriptor) => CuBlasLt.cublasLtMatmulDescDestroy(descriptor);
    public int cublasLtMatmulDescSetAttribute(nint descriptor, int attribute, void* value, nuint bytes)
        => CuBlasLt.cublasLtMatmulDescSetAttribute(descriptor, attribute, value, bytes);
    public int cublasLtMatrixLayoutCreate(nint* layout, int type, ulong rows, ulong columns, long leadingDimension)
        => CuBlasLt.cublasLtMatrixLayoutCreate(layout, type, rows, columns, leadingDimension);
    public int cublasLtMatrixLayoutDestroy(nint layout) => CuBlasLt.cublasLtMatrixLayoutDestroy(layout);
    public int cublasLtMatmulPreferenceCreate(nint* preference) => CuBlasLt.cublasLtMatmulPreferenceCreate(preference);
    public int cublasLtMatmulPreferenceDestroy(nint preference) => CuBlasLt.cublasLtMatmulPreferenceDestroy(preference);
    public int cublasLtMatmulPreferenceSetAttribute(nint preference, int attribute, void* value, nuint bytes)
        => CuBlasLt.cublasLtMatmulPreferenceSetAttribute(preference, attribute, value, bytes);
    public int cublasLtMatmulAlgoGetHeuristic(
        nint handle, nint descriptor, nint layoutA, nint layoutB, nint layoutC, nint layoutD, nint preference,
        int requested, LtHeuristic* results, int* returned) =>
        CuBlasLt.cublasLtMatmulAlgoGetHeuristic(
            handle, descriptor, layoutA, layoutB, layoutC, layoutD, preference, requested, results, returned);
    public int cublasLtMatmul(
        nint handle, nint descriptor, void* alpha, nint a, nint layoutA, nint b, nint layoutB, void* beta, nint c,
        nint layoutC, nint d, nint layoutD, LtAlgorithm* algorithm, nint workspace,
        nuint workspaceBytes, nint stream) =>
        CuBlasLt.cublasLtMatmul(
            handle, descriptor, alpha, a, layoutA, b, layoutB, beta, c, layoutC, d, layoutD, algorithm, workspace,
            workspaceBytes, stream);

    public string StatusText(int status) =>
        $"{Marshal.PtrToStringUTF8(CuBlas.cublasGetStatusName(status))} ({status}): "
        + $"{Marshal.PtrToStringUTF8(CuBlas.cublasGetStatusString(status))}";
}
