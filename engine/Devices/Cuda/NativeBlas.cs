using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>cuBLAS. Make one only after <see cref="CudaLibrary.CuBlas"/> was opened.</summary>
internal sealed unsafe class NativeBlas : IBlas
{
    public int cublasCreate(nint* handle) => CuBlas.cublasCreate_v2(handle);
    public int cublasDestroy(nint handle) => CuBlas.cublasDestroy_v2(handle);
    public int cublasSetStream(nint handle, nint stream) => CuBlas.cublasSetStream_v2(handle, stream);
    public int cublasSetWorkspace(nint handle, nint workspace, nuint bytes) => CuBlas.cublasSetWorkspace_v2(handle, workspace, bytes);
    public int cublasSetMathMode(nint handle, int mode) => CuBlas.cublasSetMathMode(handle, mode);
    public int cublasGetVersion(nint handle, int* version) => CuBlas.cublasGetVersion_v2(handle, version);
    public int cublasGemmEx(
        nint handle, int operationA, int operationB, int m, int n, int k, void* alpha, nint a, int typeA, int lda, nint b, int typeB, int ldb,
        void* beta, nint c, int typeC, int ldc, int computeType, int algorithm)
        => CuBlas.cublasGemmEx(
            handle, operationA, operationB, m, n, k, alpha, a, typeA, lda, b, typeB, ldb, beta, c, typeC, ldc, computeType, algorithm);

    public string StatusText(int status) =>
        $"{Marshal.PtrToStringUTF8(CuBlas.cublasGetStatusName(status))} ({status}): {Marshal.PtrToStringUTF8(CuBlas.cublasGetStatusString(status))}";
}
