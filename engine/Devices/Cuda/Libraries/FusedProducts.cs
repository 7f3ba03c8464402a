namespace Flixstock.Engine;

/// <summary>
/// Matrix products of row-major tensors with what follows them in the same kernel, through cuBLASLt: bias, bias and
/// ReLU, the bias gradient. Operands change places as in <see cref="CudaBlas"/>. What the library has no kernel for is
/// answered with false, and the caller computes it in two launches.
/// https://docs.nvidia.com/cuda/cublas/#using-the-cublaslt-api
/// </summary>
internal sealed unsafe class FusedProducts : IDisposable
{
    private const int None = 0, Transpose = 1;                  // cublasOperation_t
    private const int Real32F = 0;                              // cudaDataType of alpha and beta
    private const int Compute32F = 68, Compute32FFastTf32 = 77; // cublasComputeType_t
    private const int NotSupported = 15;                        // cublasStatus_t
    private const int BestAlignment = 256, Requested = 4;

    private readonly IBlas _blas;
    private readonly CudaError _errors;
    private readonly nint _stream, _workspace;
    private readonly long _workspaceBytes;
    private readonly bool _allowTf32;
    private readonly Dictionary<Product, Plan> _plans = [];
    private nint _handle;

    /// <summary>A handle that works on one stream.</summary>
    /// <param name="blas">The library.</param>
    /// <param name="errors">Turns a status into an exception.</param>
    /// <param name="stream">The stream on which the products are queued.</param>
    /// <param name="allowTf32">True: products of singles may round their operands to 10 bits.</param>
    /// <param name="workspace">Device memory that outlives every graph.</param>
    /// <param name="workspaceBytes">Size of the workspace.</param>
    /// <exception cref="EngineException">The library refuses.</exception>
    public FusedProducts(IBlas blas, CudaError errors, nint stream, bool allowTf32, nint workspace, long workspaceBytes)
    {
        (_blas, _errors, _stream, _allowTf32, _workspace, _workspaceBytes) =
            (blas, errors, stream, allowTf32, workspace, workspaceBytes);
        fixed (nint* handle = &_handle)
            errors.Check(blas, blas.cublasLtCreate(handle));
    }

    /// <summary>y[M, O] = f(x[M, I] * transpose(w[O, I]) + b[O]); f is nothing or ReLU.</summary>
    /// <returns>False, with nothing done, if the library cannot.</returns>
    public bool TryForward(
        ReadOnlyTensor x, ReadOnlyTensor weight, ReadOnlyTensor bias, ActivationKind activation, Tensor y)
    {
        if (activation is not (ActivationKind.None or ActivationKind.Relu) || !AreSingles(x.Type, weight.Type, y.Type))
            return false;
        var (rows, inputs, outputs) = (CudaBlas.Rows(x), x.Shape.Channels, y.Shape.Channels);
        var epilogue = activation == ActivationKind.Relu ? CuBlasLt.EpilogueReluBias : CuBlasLt.EpilogueBias;
        return TryMultiply(
            new Product(
                epilogue, Transpose, None, outputs, rows, inputs, Alignment(weight.Address, x.Address, y.Address)),
            weight.Address, x.Address, y.Address, bias.Address);
    }

    /// <summary>dw[O, I] = transpose(dy[M, O]) * x[M, I], db[O] = column sums of dy.</summary>
    /// <returns>False, with nothing done, if the library cannot.</returns>
    public bool TryBackwardWeight(ReadOnlyTensor x, ReadOnlyTensor dy, Tensor weightGradient, Tensor biasGradient)
    {
        if (!AreSingles(x.Type, dy.Type, weightGradient.Type))
            return false;
        var (rows, inputs, outputs) = (CudaBlas.Rows(x), x.Shape.Channels, dy.Shape.Channels);
        return TryMultiply(
            new Product(
                CuBlasLt.EpilogueBiasGradientB, None, Transpose, inputs, outputs, rows,
                Alignment(x.Address, dy.Address, weightGradient.Address)),
            x.Address, dy.Address, weightGradient.Address, biasGradient.Address);
    }

    /// <summary>Gives descriptors and handle back.</summary>
    public void Dispose()
    {
        foreach (var plan in _plans.Values)
            Destroy(plan);
        _plans.Clear();
        if (_handle != 0)
            _ = _blas.cublasLtDestroy(_handle); // no caller could act on a failure here
        _handle = 0;
    }

    // The library's biases have the product's type, ours are singles: so are, here, the vectors of a batch.
    private static bool AreSingles(ElementType a, ElementType b, ElementType c) =>
        (a, b, c) == (ElementType.Float32, ElementType.Float32, ElementType.Float32);

    private bool TryMultiply(in Product product, nint a, nint b, nint d, nint bias)
    {
        if (!_plans.TryGetValue(product, out var plan))
            _plans[product] = plan = MakePlan(product, bias);
        if (!plan.IsSupported)
            return false;
        float one = 1, zero = 0;
        Set(plan.Descriptor, CuBlasLt.BiasPointer, bias);
        var algorithm = plan.Algorithm;
        var status = _blas.cublasLtMatmul(
            _handle, plan.Descriptor, &one, a, plan.A, b, plan.B, &zero, d, plan.D, d, plan.D, &algorithm,
            plan.WorkspaceBytes > 0 ? _workspace : 0, plan.WorkspaceBytes, _stream);
        if (status != 0)
            _errors.Check(_blas, status, $"cublasLtMatmul({product})");
        return true;
    }

    private Plan MakePlan(in Product product, nint bias)
    {
        var plan = new Plan();
        try
        {
            nint descriptor, preference;
            _errors.Check(
                _blas,
                _blas.cublasLtMatmulDescCreate(&descriptor, _allowTf32 ? Compute32FFastTf32 : Compute32F, Real32F));
            plan = plan with { Descriptor = descriptor };
            Set(descriptor, CuBlasLt.TransposeA, product.OperationA);
            Set(descriptor, CuBlasLt.TransposeB, product.OperationB);
            Set(descriptor, CuBlasLt.Epilogue, product.Epilogue);
            Set(descriptor, CuBlasLt.BiasPointer, bias); // the heuristic reads its alignment
            plan = plan with { A = Layout(product.OperationA, product.M, product.K) };
            plan = plan with { B = Layout(product.OperationB, product.K, product.N) };
            plan = plan with { D = Layout(None, product.M, product.N) };
            _errors.Check(_blas, _blas.cublasLtMatmulPreferenceCreate(&preference));
            plan = Choose(product, plan, preference);
            _ = _blas.cublasLtMatmulPreferenceDestroy(preference);
            return plan;
        }
        catch
        {
            Destroy(plan);
            throw;
        }
    }

    // The heuristic's first that fits; NOT_SUPPORTED, or an empty list, is an answer.
    private Plan Choose(in Product product, Plan plan, nint preference)
    {
        var workspaceBytes = (nuint)_workspaceBytes;
        _errors.Check(_blas, _blas.cublasLtMatmulPreferenceSetAttribute(
            preference, CuBlasLt.MaxWorkspaceBytes, &workspaceBytes, (nuint)sizeof(nuint)));
        var reduction = CuBlasLt.ReductionComputeType;
        _errors.Check(
            _blas,
            _blas.cublasLtMatmulPreferenceSetAttribute(preference, CuBlasLt.ReductionSchemes, &reduction, sizeof(int)));
        var alignment = product.Alignment;
        for (var operand = CuBlasLt.AlignmentA; operand <= CuBlasLt.AlignmentD; operand++)
        {
            _errors.Check(
                _blas, _blas.cublasLtMatmulPreferenceSetAttribute(preference, operand, &alignment, sizeof(int)));
        }
        var results = stackalloc LtHeuristic[Requested];
        int count;
        var status = _blas.cublasLtMatmulAlgoGetHeuristic(
            _handle, plan.Descriptor, plan.A, plan.B, plan.D, plan.D, preference, Requested, results, &count);
        if (status == NotSupported)
            return plan;
        if (status != 0)
            _errors.Check(_blas, status, $"cublasLtMatmulAlgoGetHeuristic({product})");
        for (var i = 0; i < count; i++)
        {
            if (results[i].Status == 0 && results[i].WorkspaceBytes <= workspaceBytes)
            {
                return plan with
                {
                    IsSupported = true,
                    Algorithm = results[i].Algorithm,
                    WorkspaceBytes = results[i].WorkspaceBytes,
                };
            }
        }
        return plan;
    }

    // A layout describes the matrix as it is stored, without gaps between its columns.
    private nint Layout(int operation, int rows, int columns)
    {
        var (storedRows, storedColumns) = operation == None ? (rows, columns) : (columns, rows);
        nint layout;
        _errors.Check(
            _blas,
            _blas.cublasLtMatrixLayoutCreate(&layout, Real32F, (ulong)storedRows, (ulong)storedColumns, storedRows));
        return layout;
    }

    private void Set<T>(nint descriptor, int attribute, T value) where T : unmanaged =>
        _errors.Check(_blas, _blas.cublasLtMatmulDescSetAttribute(descriptor, attribute, &value, (nuint)sizeof(T)));

    private void Destroy(Plan plan)
    {
        foreach (var layout in new[] { plan.A, plan.B, plan.D }.Where(layout => layout != 0))
            _ = _blas.cublasLtMatrixLayoutDestroy(layout);
        if (plan.Descriptor != 0)
            _ = _blas.cublasLtMatmulDescDestroy(plan.Descriptor);
    }

    // The largest power of two that divides all addresses.
    private static int Alignment(nint a, nint b, nint c) => (int)Math.Min(BestAlignment, (a | b | c) & -(a | b | c));

    /// <summary>The properties that decide which kernel is fastest: D[M, N] = op(A) * op(B), column-major.</summary>
    private readonly record struct Product(
        int Epilogue, int OperationA, int OperationB, int M, int N, int K, int Alignment);

    private sealed record Plan
    {
        public nint Descriptor { get; init; }
        public nint A { get; init; }
        public nint B { get; init; }
        public nint D { get; init; }
        public bool IsSupported { get; init; }
        public LtAlgorithm Algorithm { get; init; }
        public nuint WorkspaceBytes { get; init; }
    }
}
