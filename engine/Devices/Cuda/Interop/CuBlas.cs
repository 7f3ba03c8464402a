using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// cuBLAS: only the calls the engine makes. Native names, native argument order, nothing added. Matrices are
/// column-major. https://docs.nvidia.com/cuda/cublas/
/// </summary>
internal static unsafe partial class CuBlas
{
    internal const string Library = "cublas";

    // cublasOperation_t, cudaDataType, cublasComputeType_t, cublasGemmAlgo_t
    internal const int OperationN = 0, Real32F = 0, Compute32F = 68, GemmDefault = -1;

    [LibraryImport(Library)] internal static partial int cublasCreate_v2(nint* handle);
    [LibraryImport(Library)] internal static partial int cublasDestroy_v2(nint handle);
    [LibraryImport(Library)] internal static partial int cublasSetStream_v2(nint handle, nint stream);
    [LibraryImport(Library)]
    internal static partial int cublasSetWorkspace_v2(nint handle, nint workspace, nuint bytes);
    [LibraryImport(Library)] internal static partial int cublasSetMathMode(nint handle, int mode);

    /// <summary>
    /// Works without a handle and without a device; 0 is the major, 1 the minor version, 2 the patch
    /// (libraryPropertyType).
    /// </summary>
    [LibraryImport(Library)] internal static partial int cublasGetProperty(int type, int* value);

    /// <summary>Owned by the library.</summary>
    [LibraryImport(Library)] internal static partial nint cublasGetStatusName(int status);

    /// <summary>Owned by the library.</summary>
    [LibraryImport(Library)] internal static partial nint cublasGetStatusString(int status);

    [LibraryImport(Library)]
    internal static partial int cublasGemmEx(
        nint handle, int operationA, int operationB, int m, int n, int k, void* alpha, nint a, int typeA, int lda,
        nint b, int typeB, int ldb, void* beta, nint c, int typeC, int ldc, int computeType, int algorithm);
}
