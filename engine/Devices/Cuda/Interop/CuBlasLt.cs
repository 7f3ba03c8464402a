using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>cublasLtMatmulAlgo_t: opaque, 64 bytes, may be copied.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LtAlgorithm
{
    internal fixed ulong Data[8];
}

/// <summary>cublasLtMatmulHeuristicResult_t, 96 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LtHeuristic
{
    internal LtAlgorithm Algorithm;
    internal nuint WorkspaceBytes;
    internal int Status;
    internal float WavesCount;
    internal fixed int Reserved[4];
}

/// <summary>
/// cuBLASLt: a matrix product with a bias or a bias gradient fused into it. Native names, native argument order,
/// nothing added. Descriptors are made by the library: their sizes differ between versions.
/// https://docs.nvidia.com/cuda/cublas/#using-the-cublaslt-api
/// </summary>
internal static unsafe partial class CuBlasLt
{
    internal const string Library = "cublasLt";

    // cublasLtMatmulDescAttributes_t, cublasLtMatmulPreferenceAttributes_t
    internal const int TransposeA = 3, TransposeB = 4, Epilogue = 7, BiasPointer = 8, MaxWorkspaceBytes = 1,
        ReductionSchemes = 3;
    internal const int AlignmentA = 5, AlignmentB = 6, AlignmentC = 7, AlignmentD = 8;

    // cublasLtReductionScheme_t: split products are added up in the type they are computed in.
    internal const int ReductionComputeType = 2;

    // cublasLtEpilogue_t
    internal const int EpilogueBias = 4, EpilogueReluBias = 6, EpilogueBiasGradientB = 512;

    [LibraryImport(Library)] internal static partial int cublasLtCreate(nint* handle);
    [LibraryImport(Library)] internal static partial int cublasLtDestroy(nint handle);

    [LibraryImport(Library)]
    internal static partial int cublasLtMatmulDescCreate(nint* descriptor, int computeType, int scaleType);
    [LibraryImport(Library)] internal static partial int cublasLtMatmulDescDestroy(nint descriptor);
    [LibraryImport(Library)]
    internal static partial int cublasLtMatmulDescSetAttribute(
        nint descriptor, int attribute, void* value, nuint bytes);
    [LibraryImport(Library)]
    internal static partial int cublasLtMatrixLayoutCreate(
        nint* layout, int type, ulong rows, ulong columns, long leadingDimension);
    [LibraryImport(Library)] internal static partial int cublasLtMatrixLayoutDestroy(nint layout);
    [LibraryImport(Library)] internal static partial int cublasLtMatmulPreferenceCreate(nint* preference);
    [LibraryImport(Library)] internal static partial int cublasLtMatmulPreferenceDestroy(nint preference);
    [LibraryImport(Library)]
    internal static partial int cublasLtMatmulPreferenceSetAttribute(
        nint preference, int attribute, void* value, nuint bytes);

    [LibraryImport(Library)]
    internal static partial int cublasLtMatmulAlgoGetHeuristic(
        nint handle, nint descriptor, nint layoutA, nint layoutB, nint layoutC, nint layoutD, nint preference,
        int requested, LtHeuristic* results, int* returned);

    [LibraryImport(Library)]
    internal static partial int cublasLtMatmul(
        nint handle, nint descriptor, void* alpha, nint a, nint layoutA, nint b, nint layoutB, void* beta, nint c,
        nint layoutC, nint d, nint layoutD, LtAlgorithm* algorithm, nint workspace, nuint workspaceBytes, nint stream);
}
