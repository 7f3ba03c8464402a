namespace Flixstock.Engine;

/// <summary>An engine of cuDNN's graph interface that computes one convolution.</summary>
/// <param name="Number">Index in the heuristics' lists, one after the other, whatever is left out of them.</param>
/// <param name="Plan">Execution plan of the engine.</param>
/// <param name="WorkspaceBytes">Bytes of workspace that it needs.</param>
internal sealed record DnnEngine(int Number, nint Plan, long WorkspaceBytes);

/// <summary>
/// Convolutions of NHWC tensors through cuDNN's graph interface: a graph of one operation, or of one with what follows
/// it, and the engines that the library's heuristic has for it. An engine that the library then refuses is no failure:
/// it is left out. Descriptors live as long as this.
/// https://docs.nvidia.com/deeplearning/cudnn/backend/latest/developer/graph-api.html
/// </summary>
/// <param name="dnn">The library.</param>
/// <param name="handle">cudnnHandle_t, on whose stream engines run.</param>
/// <param name="allowTf32">True: singles may be rounded to 10 bits.</param>
/// <param name="deterministic">True: only engines that give equal bits in equal runs.</param>
internal sealed unsafe partial class DnnGraphs(IDnn dnn, nint handle, bool allowTf32, bool deterministic) : IDisposable
{
    /// <summary>Alignment of operands in bytes.</summary>
    public const int Alignment = 16;

    // Each may take a second to be compiled.
    private const int MostEngines = 8, MostNotes = 32;
    private static readonly int[] Modes = [CuDnnBackend.ModeA, CuDnnBackend.ModeFallback];
    private const int X = 'x', W = 'w', Y = 'y'; // unique in a graph

    private readonly List<nint> _descriptors = [];

    /// <summary>
    /// Engines for a convolution; the likely fastest first, none if the library has no graph for it.
    /// </summary>
    /// <param name="problem">The convolution.</param>
    /// <param name="workspaceLimit">The most that an engine may use.</param>
    /// <param name="only">Number of the only one wanted; null for all.</param>
    public IReadOnlyList<DnnEngine> Engines(DnnProblem problem, long workspaceLimit, int? only = null)
    {
        var engines = new List<DnnEngine>();
        var graph = problem.Accumulate ? FoldedGraph(problem, DnnEpilogue.Sum)
            : problem.Epilogue is { } epilogue ? FoldedGraph(problem, epilogue)
            : problem.Sums ? SummedGraph(problem)
            : Graph(problem);
        if (graph == 0)
            return engines;
        var number = 0;
        foreach (var configuration in Modes.SelectMany(mode => Configurations(graph, mode)))
        {
            if (engines.Count == MostEngines)
                break;
            if ((only is null || only == number) && IsAllowed(configuration, problem)
                && Planned(configuration, number, workspaceLimit) is { } engine)
            {
                engines.Add(engine);
            }
            number++;
        }
        return engines;
    }

    /// <summary>Gives back what an engine holds that is not taken: the code of its kernels is on the device.</summary>
    public void Release(DnnEngine engine) => Destroy(engine.Plan);

    /// <summary>Queues a convolution.</summary>
    /// <returns>The library's status.</returns>
    public int Execute(DnnEngine engine, nint x, nint w, nint y, nint workspace)
    {
        var ids = stackalloc long[] { X, W, Y };
        var pointers = stackalloc nint[] { x, w, y };
        return Execute(engine, ids, pointers, 3, workspace);
    }

    private int Execute(DnnEngine engine, long* ids, nint* pointers, int count, nint workspace)
    {
        nint pack;
        var status = dnn.cudnnBackendCreateDescriptor(CuDnnBackend.VariantPack, &pack);
        if (status != 0)
            return status;
        status = dnn.cudnnBackendSetAttribute(pack, CuDnnBackend.PackIds, CuDnnBackend.TypeInt64, count, ids);
        if (status == 0)
        {
            status = dnn.cudnnBackendSetAttribute(
                pack, CuDnnBackend.PackPointers, CuDnnBackend.TypePointer, count, pointers);
        }
        if (status == 0)
        {
            status = dnn.cudnnBackendSetAttribute(
                pack, CuDnnBackend.PackWorkspace, CuDnnBackend.TypePointer, 1, &workspace);
        }
        if (status == 0)
            status = dnn.cudnnBackendFinalize(pack);
        if (status == 0)
            status = dnn.cudnnBackendExecute(handle, engine.Plan, pack);
        _ = dnn.cudnnBackendDestroyDescriptor(pack); // the work is queued, or its status says why not
        return status;
    }

    /// <summary>Destroys everything that was made.</summary>
    public void Dispose()
    {
        for (var i = _descriptors.Count - 1; i >= 0; i--)
            _ = dnn.cudnnBackendDestroyDescriptor(_descriptors[i]);
        _descriptors.Clear();
    }

    // 0 if a call was refused.
    private nint Graph(DnnProblem problem)
    {
        var (x, w, y) = (
            Tensor(X, problem.Input, problem.Type), Tensor(W, problem.Weight, problem.Type),
            Tensor(Y, problem.Output, problem.Type));
        var (kind, alpha, tensors) = problem.Direction switch
        {
            DnnDirection.Forward => (
                CuDnnBackend.OperationForward, CuDnnBackend.ForwardAlpha,
                new[] { (CuDnnBackend.ForwardX, x), (CuDnnBackend.ForwardW, w), (CuDnnBackend.ForwardY, y) }),
            DnnDirection.BackwardData => (
                CuDnnBackend.OperationBackwardData, CuDnnBackend.DataAlpha,
                [(CuDnnBackend.DataDx, x), (CuDnnBackend.DataW, w), (CuDnnBackend.DataDy, y)]),
            _ => (
                CuDnnBackend.OperationBackwardFilter, CuDnnBackend.FilterAlpha,
                [(CuDnnBackend.FilterX, x), (CuDnnBackend.FilterDw, w), (CuDnnBackend.FilterDy, y)]),
        };
        return Operation(problem, kind, alpha, tensors) is var operation and not 0 ? Graph([operation]) : 0;
    }

    // A convolution whose result is written.
    private nint Operation(
        in DnnProblem problem, int kind, int alpha, params ReadOnlySpan<(int Name, nint Tensor)> tensors)
    {
        var operation = New(kind);
        var set = Set(operation, alpha, CuDnnBackend.TypeFloat, 1f)
            & Set(operation, alpha + 1, CuDnnBackend.TypeFloat, 0f)
            & Set(operation, alpha + 2, CuDnnBackend.TypeDescriptor, Window(problem.Stride, problem.Padding));
        foreach (var (name, tensor) in tensors)
            set &= tensor != 0 && Set(operation, name, CuDnnBackend.TypeDescriptor, tensor);
        return set && Finalize(operation) ? operation : 0;
    }

    private nint Graph(ReadOnlySpan<long> operations)
    {
        var graph = New(CuDnnBackend.OperationGraph);
        fixed (long* first = operations)
        {
            return graph != 0 && dnn.cudnnBackendSetAttribute(
                    graph, CuDnnBackend.GraphOperations, CuDnnBackend.TypeDescriptor, operations.Length, first) == 0
                && Set(graph, CuDnnBackend.GraphHandle, CuDnnBackend.TypeHandle, handle) && Finalize(graph)
                ? graph
                : 0;
        }
    }

    // Extents are always in the order N, C, H, W; their layout is in the strides.
    private nint Tensor(int id, Shape shape, ElementType type, bool isVirtual = false)
    {
        var tensor = New(CuDnnBackend.Tensor);
        if (isVirtual && !Set(tensor, CuDnnBackend.TensorIsVirtual, CuDnnBackend.TypeBoolean, (byte)1))
            return 0;
        long channels = shape.Channels, row = shape.Width * channels;
        return Set(tensor, CuDnnBackend.TensorAlignment, CuDnnBackend.TypeInt64, (long)Alignment)
            && Set(tensor, CuDnnBackend.TensorDataType, CuDnnBackend.TypeDataType, DnnDescriptors.DataType(type))
            && Set(
                tensor, CuDnnBackend.TensorDimensions, CuDnnBackend.TypeInt64,
                [shape.Batch, channels, shape.Height, shape.Width])
            && Set(tensor, CuDnnBackend.TensorStrides, CuDnnBackend.TypeInt64, [shape.Height * row, 1, row, channels])
            && Set(tensor, CuDnnBackend.TensorUniqueId, CuDnnBackend.TypeInt64, (long)id) && Finalize(tensor)
            ? tensor
            : 0;
    }

    private nint Window(long stride, long padding)
    {
        var window = New(CuDnnBackend.Convolution);
        return Set(window, CuDnnBackend.SpatialDimensions, CuDnnBackend.TypeInt64, 2L)
            && Set(window, CuDnnBackend.ComputeType, CuDnnBackend.TypeDataType, CuDnn.TypeFloat)
            && Set(window, CuDnnBackend.ConvolutionMode, CuDnnBackend.TypeConvolutionMode, CuDnn.CrossCorrelation)
            && Set(window, CuDnnBackend.PrePaddings, CuDnnBackend.TypeInt64, [padding, padding])
            && Set(window, CuDnnBackend.PostPaddings, CuDnnBackend.TypeInt64, [padding, padding])
            && Set(window, CuDnnBackend.FilterStrides, CuDnnBackend.TypeInt64, [stride, stride])
            && Set(window, CuDnnBackend.Dilations, CuDnnBackend.TypeInt64, [1, 1]) && Finalize(window)
            ? window
            : 0;
    }

    private DnnEngine? Planned(nint configuration, int number, long workspaceLimit)
    {
        if (Plan(configuration) is not (var plan and not 0))
            return null;
        if (WorkspaceOf(plan) is var bytes && bytes >= 0 && bytes <= workspaceLimit)
            return new DnnEngine(number, plan, bytes);
        Destroy(plan);
        return null;
    }

    // All that the heuristic lists, the likely fastest first; the descriptors must exist before it fills them.
    private nint[] Configurations(nint graph, int mode)
    {
        var heuristic = New(CuDnnBackend.EngineHeuristic);
        long count = 0;
        if (!Set(heuristic, CuDnnBackend.HeuristicGraph, CuDnnBackend.TypeDescriptor, graph)
            || !Set(heuristic, CuDnnBackend.HeuristicMode, CuDnnBackend.TypeHeuristicMode, mode)
            || !Finalize(heuristic) || dnn.cudnnBackendGetAttribute(
                heuristic, CuDnnBackend.HeuristicResults, CuDnnBackend.TypeDescriptor, 0, &count, null) != 0
            || count < 1)
        {
            return [];
        }
        var configurations = new nint[count];
        for (var i = 0; i < configurations.Length; i++)
            configurations[i] = New(CuDnnBackend.EngineConfiguration);
        fixed (nint* first = configurations)
        {
            return dnn.cudnnBackendGetAttribute(
                heuristic, CuDnnBackend.HeuristicResults, CuDnnBackend.TypeDescriptor, configurations.Length,
                &count, first) == 0
                ? configurations[..(int)Math.Min(count, configurations.Length)]
                : [];
        }
    }

    // Sums in single precision always; singles stay singles unless TF32 is allowed.
    private bool IsAllowed(nint configuration, in DnnProblem problem)
    {
        var isExact = problem.Type == ElementType.Float32 && !allowTf32;
        var engine = New(CuDnnBackend.Engine);
        var notes = stackalloc int[MostNotes];
        long count = 0;
        if (dnn.cudnnBackendGetAttribute(
            configuration, CuDnnBackend.ConfigurationEngine, CuDnnBackend.TypeDescriptor, 1, &count, &engine) != 0
            || dnn.cudnnBackendGetAttribute(
                engine, CuDnnBackend.EngineNumericalNote, CuDnnBackend.TypeNumericalNote, MostNotes, &count, notes)
                != 0)
        {
            return false;
        }
        for (var i = 0; i < Math.Min(count, MostNotes); i++)
        {
            var refused = notes[i] switch
            {
                CuDnnBackend.NoteReducedPrecisionReduction => true,
                CuDnnBackend.NoteNondeterministic => deterministic,
                CuDnnBackend.NoteTensorCore or CuDnnBackend.NoteDownConvertsInputs => isExact,
                // Their transforms lose three digits of a single, and overflow with halves.
                CuDnnBackend.NoteFft or CuDnnBackend.NoteWinogradTile6 or CuDnnBackend.NoteWinogradTile13 =>
                    problem.NeedsDigits(allowTf32),
                _ => false,
            };
            if (refused)
                return false;
        }
        return true;
    }

    private nint Plan(nint configuration)
    {
        var plan = New(CuDnnBackend.ExecutionPlan);
        return Set(plan, CuDnnBackend.PlanHandle, CuDnnBackend.TypeHandle, handle)
            && Set(plan, CuDnnBackend.PlanConfiguration, CuDnnBackend.TypeDescriptor, configuration) && Finalize(plan)
            ? plan
            : 0;
    }

    private long WorkspaceOf(nint plan)
    {
        long bytes = 0, count = 0;
        return dnn.cudnnBackendGetAttribute(
            plan, CuDnnBackend.PlanWorkspaceSize, CuDnnBackend.TypeInt64, 1, &count, &bytes) == 0
            ? bytes
            : -1;
    }

    private void Destroy(nint descriptor)
    {
        _descriptors.Remove(descriptor);
        _ = dnn.cudnnBackendDestroyDescriptor(descriptor); // no caller could act on a failure here
    }

    private nint New(int kind)
    {
        nint descriptor;
        if (dnn.cudnnBackendCreateDescriptor(kind, &descriptor) != 0)
            return 0;
        _descriptors.Add(descriptor);
        return descriptor;
    }

    private bool Set<T>(nint descriptor, int name, int type, T value) where T : unmanaged =>
        descriptor != 0 && dnn.cudnnBackendSetAttribute(descriptor, name, type, 1, &value) == 0;

    private bool Set(nint descriptor, int name, int type, ReadOnlySpan<long> values)
    {
        fixed (long* first = values)
            return descriptor != 0 && dnn.cudnnBackendSetAttribute(descriptor, name, type, values.Length, first) == 0;
    }

    private bool Finalize(nint descriptor) => descriptor != 0 && dnn.cudnnBackendFinalize(descriptor) == 0;
}
