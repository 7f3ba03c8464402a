namespace Flixstock.Engine;

/// <summary>
/// The cuBLAS and cuBLASLt calls the engine makes, native names and argument order, status as the library returns it (0
/// is success). Matrices are column-major.
/// </summary>
internal unsafe interface IBlas
{
    int cublasCreate(nint* handle);
    int cublasDestroy(nint handle);
    int cublasSetStream(nint handle, nint stream);
    int cublasSetWorkspace(nint handle, nint workspace, nuint bytes);
    int cublasSetMathMode(nint handle, int mode);

    /// <summary>C = alpha * op(A) * op(B) + beta * C.</summary>
    int cublasGemmEx(
        nint handle, int operationA, int operationB, int m, int n, int k, void* alpha, nint a, int typeA, int lda,
        nint b, int typeB, int ldb, void* beta, nint c, int typeC, int ldc, int computeType, int algorithm);

    int cublasLtCreate(nint* handle);
    int cublasLtDestroy(nint handle);
    int cublasLtMatmulDescCreate(nint* descriptor, int computeType, int scaleType);
    int cublasLtMatmulDescDestroy(nint descriptor);
    int cublasLtMatmulDescSetAttribute(nint descriptor, int attribute, void* value, nuint bytes);
    int cublasLtMatrixLayoutCreate(nint* layout, int type, ulong rows, ulong columns, long leadingDimension);
    int cublasLtMatrixLayoutDestroy(nint layout);
    int cublasLtMatmulPreferenceCreate(nint* preference);
    int cublasLtMatmulPreferenceDestroy(nint preference);
    int cublasLtMatmulPreferenceSetAttribute(nint preference, int attribute, void* value, nuint bytes);
    int cublasLtMatmulAlgoGetHeuristic(
        nint handle, nint descriptor, nint layoutA, nint layoutB, nint layoutC, nint layoutD, nint preference,
        int requested, LtHeuristic* results, int* returned);

    /// <summary>D = epilogue(alpha * op(A) * op(B) + beta * C).</summary>
    int cublasLtMatmul(
        nint handle, nint descriptor, void* alpha, nint a, nint layoutA, nint b, nint layoutB, void* beta, nint c,
        nint layoutC, nint d, nint layoutD, LtAlgorithm* algorithm, nint workspace, nuint workspaceBytes, nint stream);

    /// <summary>The library's words for a status.</summary>
    string StatusText(int status);
}
