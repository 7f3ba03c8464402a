namespace Flixstock.Engine;

// Forward convolutions with what follows them in one kernel (bias, residual and ReLU, or sums of the output), where the
// library has one that is faster than a convolution and a pass over its output.
internal sealed unsafe partial class CudaDnn
{
    private readonly Dictionary<DnnProblem, DnnEngine?> _fused = [];

    /// <summary>Queues a convolution with what follows it in one kernel.</summary>
    /// <returns>
    /// False: the library has none that is faster, and nothing was queued. Null: nobody knows yet, see
    /// <see cref="ChooseFused"/>.
    /// </returns>
    public bool? Fused<TCall>(in TCall call) where TCall : struct, IFusedConvolution
    {
        if (!call.IsAligned)
            return false;
        var problem = call.Problem;
        if (!_fused.TryGetValue(problem, out var engine))
            return null;
        if (engine is null)
            return false;
        if (Queue(engine, call) == 0)
            return true;
        // Another library or device kept it, and this one refuses.
        _graphs.Release(engine);
        _fused[problem] = null;
        return false;
    }

    /// <summary>Times what the library has for a call; must not be inside a capture.</summary>
    /// <param name="call">The call, which <see cref="Fused"/> knows afterwards.</param>
    /// <param name="separately">Queues the same as a convolution and a pass: what an engine has to beat.</param>
    public void ChooseFused<TCall>(TCall call, Action separately) where TCall : struct, IFusedConvolution
    {
        if (!IsKept(call.Problem, out var engine))
            engine = FusedEngine(call, separately);
        _fused[call.Problem] = engine;
    }

    private int Queue<TCall>(DnnEngine engine, in TCall call) where TCall : struct, IFusedConvolution =>
        call.Queue(_graphs, engine, Space(engine));

    // One size for all: it never grows, so what a pass takes is known before.
    private nint Space(DnnEngine engine) =>
        engine.WorkspaceBytes > 0 ? _surroundings.Workspace(_surroundings.WorkspaceLimit) : 0;

    // True if an earlier process found an engine that is there, or that none is faster.
    private bool IsKept(in DnnProblem problem, out DnnEngine? engine)
    {
        engine = null;
        if (_surroundings.Choices.Find(problem.ToString()) is not { } kept
            || kept.WorkspaceBytes > _surroundings.WorkspaceLimit)
        {
            return false;
        }
        if (!kept.IsEngine)
            return true;
        if (_graphs.Engines(problem, _surroundings.WorkspaceLimit, only: kept.Number) is not [var found])
            return false;
        engine = found;
        return true;
    }

    private DnnEngine? FusedEngine<TCall>(TCall call, Action separately) where TCall : struct, IFusedConvolution
    {
        var problem = call.Problem;
        var engines = _graphs.Engines(problem, _surroundings.WorkspaceLimit);
        if (engines.Count == 0)
            return null;
        separately(); // its own search must not fall into the time
        var best = _surroundings.Time(() =>
        {
            separately();
            return 0;
        }) ?? float.MaxValue;
        DnnEngine? faster = null;
        foreach (var engine in engines)
        {
            if (_surroundings.Time(() => Queue(engine, call)) is { } milliseconds && milliseconds < best)
                (faster, best) = (engine, milliseconds);
        }
        foreach (var engine in engines.Where(engine => engine != faster))
            _graphs.Release(engine);
        _surroundings.Choices.Keep(problem.ToString(), new DnnChoice(
            IsEngine: faster is not null, faster?.Number ?? 0, MathType: 0, faster?.WorkspaceBytes ?? 0));
        return faster;
    }
}
