namespace Flixstock.Engine;

/// <summary>
/// Matrix products of row-major tensors through cuBLAS, which is column-major: a row-major [M, N] is its [N, M], so
/// operands change places. Sums are in single precision for any type of operands.
/// https://docs.nvidia.com/cuda/cublas/#cublasgemmex
/// </summary>
internal sealed unsafe class CudaBlas : IDisposable
{
    private const int None = 0, Transpose = 1;                        // cublasOperation_t
    private const int Compute32F = 68, Compute32FFastTf32 = 77;       // cublasComputeType_t
    private const int DefaultAlgorithm = -1;                          // CUBLAS_GEMM_DEFAULT
    private const int DefaultMath = 0;                                // cublasMath_t: singles are not rounded to TF32
    private const int NoReducedPrecisionReduction = 16;               // sums of split products stay in single precision

    private readonly IBlas _blas;
    private readonly CudaError _errors;
    private readonly int _singleCompute;
    private nint _handle;

    /// <summary>A handle that works on one stream.</summary>
    /// <param name="blas">The library.</param>
    /// <param name="errors">Turns a status into an exception.</param>
    /// <param name="stream">The stream on which the products are queued.</param>
    /// <param name="allowTf32">True: products of singles may round their operands to 10 bits.</param>
    /// <param name="workspace">
    /// Device memory that outlives every graph: 32 MiB on Hopper, 4 MiB elsewhere, as NVIDIA advises; 0 for the
    /// library's own.
    /// </param>
    /// <param name="workspaceBytes">Size of the workspace.</param>
    /// <exception cref="EngineException">The library refuses.</exception>
    public CudaBlas(IBlas blas, CudaError errors, nint stream, bool allowTf32, nint workspace, long workspaceBytes)
    {
        (_blas, _errors, _singleCompute) = (blas, errors, allowTf32 ? Compute32FFastTf32 : Compute32F);
        fixed (nint* handle = &_handle)
            errors.Check(blas, blas.cublasCreate(handle));
        errors.Check(blas, blas.cublasSetStream(_handle, stream));
        // After the stream, which would put the library's own workspace back.
        if (workspace != 0)
            errors.Check(blas, blas.cublasSetWorkspace(_handle, workspace, (nuint)workspaceBytes));
        errors.Check(blas, blas.cublasSetMathMode(_handle, DefaultMath | NoReducedPrecisionReduction));
    }

    /// <summary>Queues what follows on another stream, with another workspace.</summary>
    public void UseStream(nint stream, nint workspace, long workspaceBytes)
    {
        _errors.Check(_blas, _blas.cublasSetStream(_handle, stream));
        // After the stream, which would put the library's own workspace back.
        _errors.Check(_blas, _blas.cublasSetWorkspace(_handle, workspace, (nuint)workspaceBytes));
    }

    /// <summary>y[M, O] = x[M, I] * transpose(w[O, I]).</summary>
    public void Forward(ReadOnlyTensor x, ReadOnlyTensor weight, Tensor y)
    {
        var (rows, inputs, outputs) = (Rows(x), x.Shape.Channels, y.Shape.Channels);
        Multiply(Transpose, None, outputs, rows, inputs, weight, inputs, x, inputs, accumulate: false, y, outputs);
    }

    /// <summary>dx[M, I] = dy[M, O] * w[O, I], added if <paramref name="accumulate"/> is true.</summary>
    public void BackwardData(ReadOnlyTensor dy, ReadOnlyTensor weight, bool accumulate, Tensor dx)
    {
        var (rows, inputs, outputs) = (Rows(dy), dx.Shape.Channels, dy.Shape.Channels);
        Multiply(None, None, inputs, rows, outputs, weight, inputs, dy, outputs, accumulate, dx, inputs);
    }

    /// <summary>dw[O, I] = transpose(dy[M, O]) * x[M, I].</summary>
    public void BackwardWeight(ReadOnlyTensor x, ReadOnlyTensor dy, Tensor weightGradient)
    {
        var (rows, inputs, outputs) = (Rows(x), x.Shape.Channels, dy.Shape.Channels);
        Multiply(
            None, Transpose, inputs, outputs, rows, x, inputs, dy, outputs, accumulate: false, weightGradient, inputs);
    }

    /// <summary>Gives the handle back.</summary>
    public void Dispose()
    {
        if (_handle != 0)
            _ = _blas.cublasDestroy(_handle); // no caller could act on a failure here
        _handle = 0;
    }

    private void Multiply(
        int operationA, int operationB, int m, int n, int k, ReadOnlyTensor a, int lda, ReadOnlyTensor b, int ldb,
        bool accumulate, Tensor c, int ldc)
    {
        float one = 1, beta = accumulate ? 1 : 0;
        var compute = a.Type == ElementType.Float32 ? _singleCompute : Compute32F;
        var status = _blas.cublasGemmEx(
            _handle, operationA, operationB, m, n, k, &one, a.Address, DataType(a.Type), lda, b.Address,
            DataType(b.Type), ldb,
            &beta, c.Address, DataType(c.Type), ldc, compute, DefaultAlgorithm);
        if (status != 0)
        {
            _errors.Check(
                _blas, status,
                $"cublasGemmEx({operationA}, {operationB}, {m}, {n}, {k}, {a.Type}, {b.Type}, {c.Type})");
        }
    }

    /// <summary>Rows of a matrix, as the library counts them.</summary>
    /// <exception cref="EngineException">There are more than it can.</exception>
    internal static int Rows(ReadOnlyTensor tensor) => tensor.Shape.Pixels <= int.MaxValue
        ? (int)tensor.Shape.Pixels
        : throw new EngineException($"{tensor.Shape} has more rows than cuBLAS can index: use a smaller batch");

    /// <summary>cudaDataType</summary>
    internal static int DataType(ElementType type) => type switch
    {
        ElementType.Float32 => 0,
        ElementType.Float16 => 2,
        ElementType.BFloat16 => 14,
        _ => throw new EngineException($"cuBLAS multiplies Float32, Float16 or BFloat16 here, not {type}"),
    };
}
