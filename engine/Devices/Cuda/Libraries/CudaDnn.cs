namespace Flixstock.Engine;

/// <summary>
/// Convolutions of NHWC tensors through cuDNN. Each shape's algorithm is found by timing on its first call, which must
/// not be inside a capture: the fastest of the legacy interface, or an engine of the graph interface that is faster. It
/// is kept with its descriptors, and on disk for the next process. A shape for which the library has neither is left to
/// the caller. Sums are in single precision.
/// https://docs.nvidia.com/deeplearning/cudnn/
/// </summary>
internal sealed unsafe partial class CudaDnn : IDisposable
{
    private const int MostAlgorithms = 8; // the largest of the three COUNT values

    private readonly IDnn _dnn;
    private readonly CudaError _errors;
    private readonly DnnDescriptors _descriptors;
    private readonly DnnGraphs _graphs;
    private readonly Dictionary<DnnProblem, DnnPlan> _plans = [];
    private readonly DnnSurroundings _surroundings;
    private readonly bool _allowTf32, _deterministic;
    private readonly HashSet<DnnProblem> _refused = [];
    private nint _handle;

    /// <summary>A handle that works on one stream.</summary>
    /// <param name="dnn">The library.</param>
    /// <param name="errors">Turns a status into an exception.</param>
    /// <param name="stream">The stream on which the convolutions are queued.</param>
    /// <param name="allowTf32">True: convolutions of singles may round their operands to 10 bits.</param>
    /// <param name="deterministic">True: only algorithms that give equal bits in equal runs.</param>
    /// <param name="surroundings">Memory, clock, and what earlier processes found.</param>
    /// <exception cref="EngineException">The library refuses.</exception>
    public CudaDnn(
        IDnn dnn, CudaError errors, nint stream, bool allowTf32, bool deterministic, DnnSurroundings surroundings)
    {
        (_dnn, _errors, _surroundings) = (dnn, errors, surroundings);
        (_allowTf32, _deterministic) = (allowTf32, deterministic);
        _descriptors = new DnnDescriptors(dnn, errors, allowTf32);
        fixed (nint* handle = &_handle)
            errors.Check(dnn, dnn.cudnnCreate(handle));
        errors.Check(dnn, dnn.cudnnSetStream(_handle, stream));
        _graphs = new DnnGraphs(dnn, _handle, allowTf32, deterministic);
    }

    /// <summary>Queues a convolution; the result is added to its destination where the problem says so.</summary>
    /// <param name="problem">Direction, shapes, window and type.</param>
    /// <param name="first">x; of an input's gradient dy.</param>
    /// <param name="second">w; of a weight's gradient dy.</param>
    /// <param name="result">y, dx or dw.</param>
    /// <returns>False: nothing was queued, the library has nothing for this convolution.</returns>
    public bool Convolve(in DnnProblem problem, ReadOnlyTensor first, ReadOnlyTensor second, Tensor result) =>
        Convolve(problem, first.Address, second.Address, result.Address);

    /// <summary>Queues what follows on another stream.</summary>
    public void UseStream(nint stream) => _errors.Check(_dnn, _dnn.cudnnSetStream(_handle, stream));

    /// <summary>True if an algorithm or engine was chosen for a convolution.</summary>
    public bool Has(in DnnProblem problem) => _plans.ContainsKey(problem);

    /// <summary>Gives descriptors and handle back.</summary>
    public void Dispose()
    {
        _graphs.Dispose();
        _descriptors.Dispose();
        if (_handle != 0)
            _ = _dnn.cudnnDestroy(_handle); // no caller could act on a failure here
        _handle = 0;
    }

    private bool Convolve(in DnnProblem problem, nint first, nint second, nint result)
    {
        if (_refused.Contains(problem))
            return false;
        if (!_plans.TryGetValue(problem, out var plan))
            plan = Kept(problem) ?? Search(problem, first, second, result);
        var status = plan is null ? 0 : Run(plan, problem, first, second, result);
        if (status != 0 && plan!.IsKept)
        {
            plan = Search(problem, first, second, result);
            status = plan is null ? 0 : Run(plan, problem, first, second, result);
        }
        if (status != 0)
            _errors.Check(_dnn, status, plan!.Description);
        return plan is not null;
    }

    private int Run(DnnPlan plan, in DnnProblem problem, nint first, nint second, nint result)
    {
        float one = 1, beta = problem.Accumulate ? 1 : 0;
        // One size for all: it never grows, so what a step takes is known before.
        var space = plan.WorkspaceBytes > 0 ? _surroundings.Workspace(_surroundings.WorkspaceLimit) : 0;
        var bytes = (nuint)plan.WorkspaceBytes;
        return (plan.Engine, problem.Direction) switch
        {
            ({ } engine, DnnDirection.Forward) => _graphs.Execute(engine, first, second, result, space),
            ({ } engine, DnnDirection.BackwardData) when problem.Accumulate =>
                _graphs.ExecuteSum(engine, result, second, first, space),
            ({ } engine, DnnDirection.BackwardData) => _graphs.Execute(engine, result, second, first, space),
            ({ } engine, _) => _graphs.Execute(engine, first, result, second, space),
            (null, DnnDirection.Forward) => _dnn.cudnnConvolutionForward(
                _handle, &one, plan.Input, first, plan.Weight, second, plan.Convolution, plan.Algorithm, space, bytes,
                &beta, plan.Output, result),
            (null, DnnDirection.BackwardData) => _dnn.cudnnConvolutionBackwardData(
                _handle, &one, plan.Weight, second, plan.Output, first, plan.Convolution, plan.Algorithm, space, bytes,
                &beta, plan.Input, result),
            _ => _dnn.cudnnConvolutionBackwardFilter(
                _handle, &one, plan.Input, first, plan.Output, second, plan.Convolution, plan.Algorithm, space, bytes,
                &beta, plan.Weight, result),
        };
    }

    private DnnPlan? Kept(in DnnProblem problem)
    {
        if (_surroundings.Choices.Find(problem.ToString()) is not { } kept
            || kept.WorkspaceBytes > _surroundings.WorkspaceLimit)
        {
            return null;
        }
        // What was found in another process may be refused at its first use; after that it is a plan like any other.
        if (!kept.IsEngine)
            return Decide(problem, Described(problem), kept) with { IsKept = true };
        if (_graphs.Engines(problem, _surroundings.WorkspaceLimit, only: kept.Number) is not [var engine])
            return null;
        var plan = _plans[problem] =
            Described(problem) with { Engine = engine, WorkspaceBytes = engine.WorkspaceBytes };
        return plan with { IsKept = true };
    }

    // Null if neither interface has anything; then a note says why.
    private DnnPlan? Search(DnnProblem problem, nint first, nint second, nint result)
    {
        // A search must not overwrite a tensor that is to be added to.
        var target = problem.Accumulate ? _surroundings.SearchSpace(problem.Input.Count * problem.Type.Size()) : result;
        var described = Described(problem);
        var reasons = new List<string>();
        var best = float.MaxValue;
        DnnPlan? plan = null;
        DnnChoice? choice = null;
        foreach (var found in Candidates(problem, described, first, second, target, reasons))
        {
            choice = new DnnChoice(IsEngine: false, found.Algorithm, found.MathType, (long)found.WorkspaceBytes);
            plan = Decide(problem, described, choice.Value);
            if (_surroundings.Time(() => Run(plan, problem, first, second, target)) is { } milliseconds)
            {
                best = milliseconds;
                break;
            }
            reasons.Add($"algorithm {found.Algorithm} fails or cannot be captured");
            (plan, choice) = (null, null);
        }
        if (FasterEngine(problem, described, best, first, second, target, reasons) is { } engine)
        {
            choice = new DnnChoice(IsEngine: true, engine.Number, MathType: 0, engine.WorkspaceBytes);
            plan = described with { Engine = engine, WorkspaceBytes = engine.WorkspaceBytes };
        }
        if (plan is null || choice is null)
        {
            _plans.Remove(problem);
            _refused.Add(problem);
            // A matrix product is cuBLAS's then.
            if (!problem.IsPointByPoint)
                Tell(described, reasons);
            return null;
        }
        _surroundings.Choices.Keep(problem.ToString(), choice.Value);
        return _plans[problem] = plan;
    }

    private void Tell(DnnPlan described, List<string> reasons) =>
        _surroundings.Note?.Invoke($"{described.Description} is computed by the engine's own kernel, which is "
                + $"slower: {string.Join("; ", reasons)}");

    // Engines want addresses that are multiples of 16.
    private DnnEngine? FasterEngine(
        DnnProblem problem, DnnPlan described, float best, nint first, nint second, nint result, List<string> reasons)
    {
        if (((first | second | result) & (DnnGraphs.Alignment - 1)) != 0)
        {
            reasons.Add("engines do not take tensors that are not aligned");
            return null;
        }
        DnnEngine? faster = null;
        var engines = _graphs.Engines(problem, _surroundings.WorkspaceLimit);
        foreach (var engine in engines)
        {
            var plan = described with { Engine = engine, WorkspaceBytes = engine.WorkspaceBytes };
            if (_surroundings.Time(() => Run(plan, problem, first, second, result)) is { } milliseconds
                && milliseconds < best)
            {
                (faster, best) = (engine, milliseconds);
            }
        }
        foreach (var engine in engines.Where(engine => engine != faster))
            _graphs.Release(engine);
        if (faster is null)
            reasons.Add($"none of {engines.Count} engines that may be taken runs");
        return faster;
    }

    private DnnPlan Described(in DnnProblem problem) => new(
        _descriptors.Tensor(problem.Input, problem.Type), _descriptors.Weight(problem.Weight, problem.Type),
        _descriptors.Convolution(problem.Stride, problem.Padding, problem.Type),
        _descriptors.Tensor(problem.Output, problem.Type), $"cuDNN {problem}");

    private DnnPlan Decide(in DnnProblem problem, DnnPlan plan, DnnChoice choice)
    {
        _descriptors.SetMath(plan.Convolution, problem.Type, choice.MathType);
        return _plans[problem] = plan with { Algorithm = choice.Number, WorkspaceBytes = choice.WorkspaceBytes };
    }

    // Those that may be taken: the library sorts by time.
    private IEnumerable<DnnAlgorithm> Candidates(
        DnnProblem problem, DnnPlan plan, nint first, nint second, nint result, List<string> reasons)
    {
        var (status, found) = Found(problem.Direction, plan, first, second, result);
        if (DnnStatus.IsUnsupported(status))
            reasons.Add($"the search for algorithms: {_dnn.StatusText(status)}");
        else if (status != 0)
            _errors.Check(_dnn, status, plan.Description);
        else if (!found.Any(candidate => IsUsable(problem, candidate)))
            reasons.Add($"none of {found.Length} algorithms may be taken");
        return found.Where(candidate => IsUsable(problem, candidate));
    }

    private bool IsUsable(in DnnProblem problem, in DnnAlgorithm candidate) =>
        candidate.Status == 0 && (long)candidate.WorkspaceBytes <= _surroundings.WorkspaceLimit
        && (!_deterministic || candidate.Deterministic != 0)
        && !(problem.IsTransform(candidate.Algorithm) && problem.NeedsDigits(_allowTf32));

    private (int Status, DnnAlgorithm[] Found) Found(
        DnnDirection direction, DnnPlan plan, nint first, nint second, nint result)
    {
        var found = new DnnAlgorithm[MostAlgorithms];
        var (space, bytes) =
            (_surroundings.Workspace(_surroundings.WorkspaceLimit), (nuint)_surroundings.WorkspaceLimit);
        var count = 0;
        fixed (DnnAlgorithm* results = found)
        {
            var status = direction switch
            {
                DnnDirection.Forward => _dnn.cudnnFindConvolutionForwardAlgorithmEx(
                    _handle, plan.Input, first, plan.Weight, second, plan.Convolution, plan.Output, result,
                    MostAlgorithms, &count, results, space, bytes),
                DnnDirection.BackwardData => _dnn.cudnnFindConvolutionBackwardDataAlgorithmEx(
                    _handle, plan.Weight, second, plan.Output, first, plan.Convolution, plan.Input, result,
                    MostAlgorithms, &count, results, space, bytes),
                _ => _dnn.cudnnFindConvolutionBackwardFilterAlgorithmEx(
                    _handle, plan.Input, first, plan.Output, second, plan.Convolution, plan.Weight, result,
                    MostAlgorithms, &count, results, space, bytes),
            };
            return (status, found[..(status == 0 ? count : 0)]);
        }
    }
}
