namespace Flixstock.Engine;

/// <summary>y = leaky(convolution(x, w) + bias + residual)</summary>
/// <param name="X">[N, H, W, C]</param>
/// <param name="Weight">[K, R, S, C], of the input's type.</param>
/// <param name="Bias">[K], Float32</param>
/// <param name="Residual">[N, P, Q, K] or <see cref="ReadOnlyTensor.None"/></param>
/// <param name="Geometry">Stride and padding.</param>
/// <param name="Slope">Factor of negative results.</param>
/// <param name="Y">[N, P, Q, K]</param>
internal readonly record struct FoldedConvolution(
    ReadOnlyTensor X, ReadOnlyTensor Weight, ReadOnlyTensor Bias, ReadOnlyTensor Residual,
    ConvolutionGeometry Geometry, float Slope, Tensor Y)
{
    /// <summary>True if engines can take the tensors.</summary>
    public bool IsAligned =>
        ((X.Address | Weight.Address | Bias.Address | Residual.Address | Y.Address) & (DnnGraphs.Alignment - 1)) == 0;

    /// <summary>The properties that decide which engine is fastest.</summary>
    public DnnProblem Problem => new(
        DnnDirection.Forward, X.Shape, Weight.Shape, Y.Shape, Geometry.Stride, Geometry.Padding, X.Type)
    {
        Epilogue = new DnnEpilogue(HasBias: true, Residual.Exists, Slope),
    };
}

// Forward convolutions with bias, residual and ReLU in one kernel, where the library has one that is faster than a
// convolution and a pass over its output.
internal sealed unsafe partial class CudaDnn
{
    private readonly Dictionary<DnnProblem, DnnEngine?> _folded = [];

    /// <summary>Queues a convolution with what follows it in one kernel.</summary>
    /// <returns>
    /// False: the library has none that is faster, and nothing was queued. Null: nobody knows yet, see
    /// <see cref="ChooseFolded"/>.
    /// </returns>
    public bool? Folded(in FoldedConvolution call)
    {
        if (!call.IsAligned)
            return false;
        var problem = call.Problem;
        if (!_folded.TryGetValue(problem, out var engine))
            return null;
        if (engine is null)
            return false;
        if (Queue(engine, call) == 0)
            return true;
        // Another library or device kept it, and this one refuses.
        _graphs.Release(engine);
        _folded[problem] = null;
        return false;
    }

    /// <summary>Times what the library has for a call; must not be inside a capture.</summary>
    /// <param name="call">The call, which <see cref="Folded"/> knows afterwards.</param>
    /// <param name="separately">Queues the same as a convolution and a pass: what an engine has to beat.</param>
    public void ChooseFolded(FoldedConvolution call, Action separately)
    {
        if (!IsKept(call.Problem, out var engine))
            engine = FoldedEngine(call, separately);
        _folded[call.Problem] = engine;
    }

    private int Queue(DnnEngine engine, in FoldedConvolution call) => _graphs.Execute(
        engine, call.X.Address, call.Weight.Address, call.Bias.Address, call.Residual.Address, call.Y.Address,
        Space(engine));

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

    private DnnEngine? FoldedEngine(FoldedConvolution call, Action separately)
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
