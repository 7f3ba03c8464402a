namespace Flixstock.Engine;

/// <summary>
/// The cuBLAS calls the engine makes, native names and argument order, status as the library returns it (0 is success). Matrices are column-major.
/// </summary>
internal unsafe interface IBlas
{
    int cublasCreate(nint* handle);
    int cublasDestroy(nint handle);
    int cublasSetStream(nint handle, nint stream);
    int cublasSetWorkspace(nint handle, nint workspace, nuint bytes);
    int cublasSetMathMode(nint handle, int mode);
    int cublasGetVersion(nint handle, int* version);

    /// <summary>C = alpha * op(A) * op(B) + beta * C.</summary>
    int cublasGemmEx(
        nint handle, int operationA, int operationB, int m, int n, int k, void* alpha, nint a, int typeA, int lda, nint b, int typeB, int ldb,
        void* beta, nint c, int typeC, int ldc, int computeType, int algorithm);

    /// <summary>The library's words for a status.</summary>
    string StatusText(int status);
}
