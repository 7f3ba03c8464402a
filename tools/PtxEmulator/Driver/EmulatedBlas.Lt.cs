using Flixstock.Engine;

namespace Flixstock.PtxEmulator;

internal sealed class LtDescriptor
{
    public int Compute, Scale, TransposeA, TransposeB, Epilogue = 1, BiasType = -1;
    public nint Bias;
}

internal sealed record LtLayout(Element Type, int Rows, int Columns, long LeadingDimension);

internal sealed class LtPreference
{
    public ulong Workspace;
    public int[] Alignments = [256, 256, 256, 256];
    public int Reduction = 7;
}

/// <summary>Everything that a product is, taken over when it is queued.</summary>
internal sealed record LtProblem(
    int Epilogue, bool TransposeA, bool TransposeB, int M, int N, int K, LtLayout A, LtLayout B, LtLayout C, LtLayout D)
{
    public bool HasBias => Epilogue is 4 or 6;

    public bool HasRelu => Epilogue is 2 or 6;

    /// <summary>Length of the bias gradient; 0 for none.</summary>
    public int Gradients => Epilogue == 256 ? M : Epilogue == 512 ? N : 0;
}

// cuBLASLt: attributes by number and size, layouts against each other, an algorithm only for the problem that the
// heuristic gave it for.
internal sealed unsafe partial class EmulatedBlas
{
    private const int AlgorithmMark = 0x4C74, LargeWorkspace = 1 << 16;
    private readonly HashSet<nint> _ltHandles = [];
    private readonly Dictionary<nint, LtDescriptor> _descriptors = [];
    private readonly Dictionary<nint, LtLayout> _layouts = [];
    private readonly Dictionary<nint, LtPreference> _preferences = [];

    /// <summary>Epilogues that the heuristic has no kernel for.</summary>
    public HashSet<int> MissingEpilogues { get; } = [];

    /// <summary>Products queued so far, by epilogue.</summary>
    public Dictionary<int, int> Fused { get; } = [];

    /// <summary>Descriptors, layouts and preferences that were not destroyed.</summary>
    public int Live => _descriptors.Count + _layouts.Count + _preferences.Count;

    public int cublasLtCreate(nint* handle)
    {
        _ltHandles.Add(*handle = _handles += 0x10);
        return 0;
    }

    public int cublasLtDestroy(nint handle) => _ltHandles.Remove(handle) ? 0 : NotInitialized;

    public int cublasLtMatmulDescCreate(nint* descriptor, int computeType, int scaleType)
    {
        if (computeType is not (68 or 77) || scaleType != 0)
            return NotSupported;
        _descriptors[*descriptor = _handles += 0x10] = new LtDescriptor { Compute = computeType, Scale = scaleType };
        return 0;
    }

    public int cublasLtMatmulDescDestroy(nint descriptor) => _descriptors.Remove(descriptor) ? 0 : InvalidValue;

    public int cublasLtMatmulDescSetAttribute(nint descriptor, int attribute, void* value, nuint bytes)
    {
        if (!_descriptors.TryGetValue(descriptor, out var known) || value == null
            || bytes != (attribute == 8 ? 8u : 4u))
        {
            return InvalidValue;
        }
        switch (attribute)
        {
            case 3 when *(int*)value is 0 or 1:
                known.TransposeA = *(int*)value;
                return 0;
            case 4 when *(int*)value is 0 or 1:
                known.TransposeB = *(int*)value;
                return 0;
            case 7 when *(int*)value is 1 or 2 or 4 or 6 or 256 or 512:
                known.Epilogue = *(int*)value;
                return 0;
            case 8:
                known.Bias = *(nint*)value;
                return 0;
            case 26 when *(int*)value is -1 or 0:
                known.BiasType = *(int*)value;
                return 0;
            default:
                return InvalidValue;
        }
    }

    public int cublasLtMatrixLayoutCreate(nint* layout, int type, ulong rows, ulong columns, long leadingDimension)
    {
        if (Type(type) is not { } element || rows is 0 or > int.MaxValue || columns is 0 or > int.MaxValue
            || leadingDimension < (long)rows)
        {
            return InvalidValue;
        }
        _layouts[*layout = _handles += 0x10] = new LtLayout(element, (int)rows, (int)columns, leadingDimension);
        return 0;
    }

    public int cublasLtMatrixLayoutDestroy(nint layout) => _layouts.Remove(layout) ? 0 : InvalidValue;

    public int cublasLtMatmulPreferenceCreate(nint* preference)
    {
        _preferences[*preference = _handles += 0x10] = new LtPreference();
        return 0;
    }

    public int cublasLtMatmulPreferenceDestroy(nint preference) => _preferences.Remove(preference) ? 0 : InvalidValue;

    public int cublasLtMatmulPreferenceSetAttribute(nint preference, int attribute, void* value, nuint bytes)
    {
        if (!_preferences.TryGetValue(preference, out var known) || value == null
            || bytes != (attribute == 1 ? 8u : 4u))
        {
            return InvalidValue;
        }
        if (attribute == 1)
            known.Workspace = *(ulong*)value;
        else if (attribute == 3)
            known.Reduction = *(int*)value;
        else if (attribute is >= 5 and <= 8)
            known.Alignments[attribute - 5] = *(int*)value;
        else
            return InvalidValue;
        return 0;
    }

    public int cublasLtMatmulAlgoGetHeuristic(
        nint handle, nint descriptor, nint layoutA, nint layoutB, nint layoutC, nint layoutD, nint preference,
        int requested, LtHeuristic* results, int* returned)
    {
        *returned = 0;
        if (!_ltHandles.Contains(handle))
            return NotInitialized;
        if (!_preferences.TryGetValue(preference, out var wanted)
            || Problem(descriptor, layoutA, layoutB, layoutC, layoutD) is not { } problem || requested < 1
            || wanted.Alignments.Any(alignment => alignment is < 4 or > 256 || !int.IsPow2(alignment)))
        {
            return InvalidValue;
        }
        // Reductions in the output's type are what the callers forbid.
        if ((wanted.Reduction & 4) != 0)
        {
            throw new DeviceCheckException(
                "cublasLt: split products may be rounded to the output's type; the preference should exclude it");
        }
        if (MissingEpilogues.Contains(problem.Epilogue))
            return NotSupported;
        for (int i = 0; i < 2 && *returned < requested; i++)
        {
            ulong workspace = i == 0 ? (ulong)LargeWorkspace : 0;
            if (workspace > wanted.Workspace)
                continue;
            var result = new LtHeuristic { WorkspaceBytes = (nuint)workspace, Status = 0, WavesCount = 1 };
            result.Algorithm.Data[0] = AlgorithmMark;
            result.Algorithm.Data[1] = Mark(problem);
            result.Algorithm.Data[2] = workspace;
            for (int operand = 0; operand < 4; operand++)
                result.Algorithm.Data[3 + operand] = (ulong)wanted.Alignments[operand];
            results[(*returned)++] = result;
        }
        return 0;
    }

    public int cublasLtMatmul(
        nint handle, nint descriptor, void* alpha, nint a, nint layoutA, nint b, nint layoutB, void* beta, nint c,
        nint layoutC, nint d, nint layoutD, LtAlgorithm* algorithm, nint workspace, nuint workspaceBytes, nint stream)
    {
        if (!_ltHandles.Contains(handle))
            return NotInitialized;
        if (alpha == null || beta == null || Problem(descriptor, layoutA, layoutB, layoutC, layoutD) is not { } problem
            || !driver.Queues.Streams.ContainsKey(stream))
        {
            return InvalidValue;
        }
        if (algorithm == null || algorithm->Data[0] != AlgorithmMark || algorithm->Data[1] != Mark(problem)
            || algorithm->Data[2] > workspaceBytes)
        {
            return NotSupported;
        }
        nint[] operands = [a, b, c, d];
        for (int operand = 0; operand < 4; operand++)
        {
            if (operands[operand] % (nint)algorithm->Data[3 + operand] != 0)
                return InvalidValue;
        }
        nint bias = _descriptors[descriptor].Bias;
        if ((problem.HasBias || problem.Gradients > 0) && bias == 0 || workspaceBytes > 0 && workspace % 256 != 0)
            return InvalidValue;
        float scale = *(float*)alpha, keep = *(float*)beta;
        Fused[problem.Epilogue] = Fused.GetValueOrDefault(problem.Epilogue) + 1;
        return (int)driver.Queues.Compute(stream, "cublasLtMatmul", () =>
        {
            if (workspaceBytes > 0)
                driver.Memory.Require((ulong)workspace, (long)workspaceBytes, "cublasLt workspace");
            Compute(problem, a, b, c, d, bias, scale, keep);
        });
    }

    private LtProblem? Problem(nint descriptor, nint layoutA, nint layoutB, nint layoutC, nint layoutD)
    {
        if (!_descriptors.TryGetValue(descriptor, out var known) || !_layouts.TryGetValue(layoutA, out var a)
            || !_layouts.TryGetValue(layoutB, out var b) || !_layouts.TryGetValue(layoutC, out var c)
            || !_layouts.TryGetValue(layoutD, out var d))
        {
            return null;
        }
        var (m, k) = known.TransposeA == 0 ? (a.Rows, a.Columns) : (a.Columns, a.Rows);
        var (inner, n) = known.TransposeB == 0 ? (b.Rows, b.Columns) : (b.Columns, b.Rows);
        bool fits = inner == k && (d.Rows, d.Columns, c.Rows, c.Columns) == (m, n, m, n) && a.Type == b.Type
            && c.Type == d.Type && (d.Type == a.Type || d.Type == Element.Single);
        // A bias of another type than the product's is for formats that are not used here.
        return fits && (known.Epilogue is 1 or 2 || d.Type == Element.Single)
            ? new LtProblem(known.Epilogue, known.TransposeA == 1, known.TransposeB == 1, m, n, k, a, b, c, d)
            : null;
    }

    // Equal for equal problems, in this process.
    private static ulong Mark(LtProblem problem) => (ulong)(uint)problem.GetHashCode() + 1;

    private void Compute(LtProblem p, nint a, nint b, nint c, nint d, nint bias, float scale, float keep)
    {
        CheckMatrix(a, p.A.Rows, p.A.Columns, checked((int)p.A.LeadingDimension), p.A.Type, "cublasLtMatmul A");
        CheckMatrix(b, p.B.Rows, p.B.Columns, checked((int)p.B.LeadingDimension), p.B.Type, "cublasLtMatmul B");
        LibraryNumbers.Check(
            driver, d, Span(p.M, p.N, p.D.LeadingDimension), p.D.Type, read: false, "cublasLtMatmul D");
        if (keep != 0)
            CheckMatrix(c, p.M, p.N, checked((int)p.C.LeadingDimension), p.C.Type, "cublasLtMatmul C");
        if (p.HasBias || p.Gradients > 0)
        {
            LibraryNumbers.Check(
                driver, bias, p.HasBias ? p.M : p.Gradients, Element.Single, read: p.HasBias, "cublasLtMatmul bias");
        }
        long At(LtLayout layout, bool transposed, int row, int column) =>
            transposed ? column + row * layout.LeadingDimension : row + column * layout.LeadingDimension;
        for (int column = 0; column < p.N; column++)
        {
            for (int row = 0; row < p.M; row++)
            {
                double sum = 0;
                for (int i = 0; i < p.K; i++)
                {
                    sum += (double)LibraryNumbers.Read(a, At(p.A, p.TransposeA, row, i), p.A.Type)
                        * LibraryNumbers.Read(b, At(p.B, p.TransposeB, i, column), p.B.Type);
                }
                long at = row + column * p.D.LeadingDimension;
                sum = scale * sum
                    + (keep == 0 ? 0 : keep * LibraryNumbers.Read(c, row + column * p.C.LeadingDimension, p.C.Type));
                sum += p.HasBias ? LibraryNumbers.Read(bias, row, Element.Single) : 0;
                LibraryNumbers.Write(d, at, p.D.Type, p.HasRelu && sum < 0 ? 0 : sum);
                driver.MarkWritten(
                    d + (nint)at * LibraryNumbers.Bytes(p.D.Type), LibraryNumbers.Bytes(p.D.Type), "cublasLtMatmul D");
            }
        }
        for (int i = 0; i < p.Gradients; i++)
        {
            double sum = 0;
            for (int j = 0; j < p.K; j++)
            {
                sum += p.Epilogue == 256
                    ? LibraryNumbers.Read(a, At(p.A, p.TransposeA, i, j), p.A.Type)
                    : LibraryNumbers.Read(b, At(p.B, p.TransposeB, j, i), p.B.Type);
            }
            LibraryNumbers.Write(bias, i, Element.Single, sum);
        }
        if (p.Gradients > 0)
            driver.MarkWritten(bias, 4L * p.Gradients, "cublasLtMatmul bias gradient");
    }
}
