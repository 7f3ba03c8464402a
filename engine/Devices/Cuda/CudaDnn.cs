namespace Flixstock.Engine;

/// <summary>
/// Convolutions of NHWC tensors through cuDNN's legacy interface. Each shape's algorithm is found by timing on its first call, which must not be inside a
/// capture, kept with its descriptors, and on disk for the next process. Sums are in single precision. https://docs.nvidia.com/deeplearning/cudnn/
/// </summary>
internal sealed unsafe class CudaDnn : IDisposable
{
    private const int MostAlgorithms = 8; // the largest of the three COUNT values

    private readonly IDnn _dnn;
    private readonly CudaError _errors;
    private readonly DnnDescriptors _descriptors;
    private readonly Dictionary<DnnProblem, DnnPlan> _plans = [];
    private readonly Func<long, nint> _workspace, _searchSpace;
    private readonly long _workspaceLimit;
    private readonly bool _deterministic;
    private readonly DnnChoices? _choices;
    private nint _handle;

    /// <summary>A handle that works on one stream.</summary>
    /// <param name="dnn">The library.</param>
    /// <param name="errors">Turns a status into an exception.</param>
    /// <param name="stream">Where the convolutions are queued.</param>
    /// <param name="allowTf32">True: convolutions of singles may round their operands to 10 bits.</param>
    /// <param name="deterministic">True: only algorithms that give equal bits in equal runs.</param>
    /// <param name="workspace">Device memory of at least so many bytes, kept between calls.</param>
    /// <param name="searchSpace">Likewise, for the results of a search that must not go over what is to be added to.</param>
    /// <param name="workspaceLimit">The most that an algorithm may use.</param>
    /// <param name="choices">What earlier searches found; null: every process searches.</param>
    /// <exception cref="EngineException">The library refuses.</exception>
    public CudaDnn(
        IDnn dnn, CudaError errors, nint stream, bool allowTf32, bool deterministic, Func<long, nint> workspace, Func<long, nint> searchSpace, long workspaceLimit,
        DnnChoices? choices = null)
    {
        _choices = choices;
        (_dnn, _errors, _deterministic, _workspace, _searchSpace, _workspaceLimit) = (dnn, errors, deterministic, workspace, searchSpace, workspaceLimit);
        _descriptors = new DnnDescriptors(dnn, errors, allowTf32);
        fixed (nint* handle = &_handle)
            errors.Check(dnn, dnn.cudnnCreate(handle));
        errors.Check(dnn, dnn.cudnnSetStream(_handle, stream));
    }

    /// <summary>y = convolution(x, w)</summary>
    public void Forward(ReadOnlyTensor x, ReadOnlyTensor weight, int stride, int padding, Tensor y)
    {
        var problem = new DnnProblem(DnnDirection.Forward, x.Shape, weight.Shape, y.Shape, stride, padding, x.Type);
        var plan = Plan(problem, x.Address, weight.Address, y.Address);
        var status = Run(plan);
        if (status != 0 && plan.IsKept)
            status = Run(plan = Search(problem, x.Address, weight.Address, y.Address));
        Check(plan, status);

        int Run(DnnPlan plan)
        {
            float one = 1, zero = 0;
            return _dnn.cudnnConvolutionForward(
                _handle, &one, plan.Input, x.Address, plan.Weight, weight.Address, plan.Convolution, plan.Algorithm, Workspace(plan), (nuint)plan.WorkspaceBytes,
                &zero, plan.Output, y.Address);
        }
    }

    /// <summary>The input's gradient, added to the destination where <paramref name="accumulate"/>.</summary>
    /// <param name="dy">[N, P, Q, K]</param>
    /// <param name="weight">[K, R, S, C]</param>
    /// <param name="stride">Of the window.</param>
    /// <param name="padding">Zeros around the picture.</param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="dx">[N, H, W, C]</param>
    public void BackwardData(ReadOnlyTensor dy, ReadOnlyTensor weight, int stride, int padding, bool accumulate, Tensor dx)
    {
        var problem = new DnnProblem(DnnDirection.BackwardData, dx.Shape, weight.Shape, dy.Shape, stride, padding, dy.Type);
        var result = accumulate ? 0 : dx.Address;
        var plan = Plan(problem, dy.Address, weight.Address, result);
        var status = Run(plan);
        if (status != 0 && plan.IsKept)
            status = Run(plan = Search(problem, dy.Address, weight.Address, result));
        Check(plan, status);

        int Run(DnnPlan plan)
        {
            float one = 1, beta = accumulate ? 1 : 0;
            return _dnn.cudnnConvolutionBackwardData(
                _handle, &one, plan.Weight, weight.Address, plan.Output, dy.Address, plan.Convolution, plan.Algorithm, Workspace(plan),
                (nuint)plan.WorkspaceBytes, &beta, plan.Input, dx.Address);
        }
    }

    /// <summary>The weight's gradient, in the operands' type.</summary>
    public void BackwardWeight(ReadOnlyTensor x, ReadOnlyTensor dy, int stride, int padding, Tensor weightGradient)
    {
        var problem = new DnnProblem(DnnDirection.BackwardWeight, x.Shape, weightGradient.Shape, dy.Shape, stride, padding, x.Type);
        var plan = Plan(problem, x.Address, dy.Address, weightGradient.Address);
        var status = Run(plan);
        if (status != 0 && plan.IsKept)
            status = Run(plan = Search(problem, x.Address, dy.Address, weightGradient.Address));
        Check(plan, status);

        int Run(DnnPlan plan)
        {
            float one = 1, zero = 0;
            return _dnn.cudnnConvolutionBackwardFilter(
                _handle, &one, plan.Input, x.Address, plan.Output, dy.Address, plan.Convolution, plan.Algorithm, Workspace(plan), (nuint)plan.WorkspaceBytes,
                &zero, plan.Weight, weightGradient.Address);
        }
    }

    /// <summary>Gives descriptors and handle back.</summary>
    public void Dispose()
    {
        _descriptors.Dispose();
        if (_handle != 0)
            _ = _dnn.cudnnDestroy(_handle); // nobody could act on a failure here
        _handle = 0;
    }

    // One size for all: it never grows, so what a step takes is known before.
    private nint Workspace(DnnPlan plan) => plan.WorkspaceBytes > 0 ? _workspace(_workspaceLimit) : 0;

    private void Check(DnnPlan plan, int status)
    {
        if (status != 0)
            _errors.Check(_dnn, status, plan.Description);
    }

    // result 0: a search may not write to the destination.
    private DnnPlan Plan(DnnProblem problem, nint first, nint second, nint result)
    {
        if (_plans.TryGetValue(problem, out var plan))
            return plan;
        return _choices?.Find(problem.ToString()) is { } kept && (long)kept.WorkspaceBytes <= _workspaceLimit
            ? Decide(problem, Described(problem), kept, isKept: true)
            : Search(problem, first, second, result);
    }

    private DnnPlan Search(DnnProblem problem, nint first, nint second, nint result)
    {
        if (result == 0)
            result = _searchSpace(problem.Input.Count * problem.Type.Size());
        var plan = Described(problem);
        var found = Choose(plan, Candidates(problem.Direction, plan, first, second, result));
        _choices?.Keep(problem.ToString(), found);
        return Decide(problem, plan, found, isKept: false);
    }

    private DnnPlan Described(DnnProblem problem) => new(
        _descriptors.Tensor(problem.Input, problem.Type), _descriptors.Weight(problem.Weight, problem.Type),
        _descriptors.Convolution(problem.Stride, problem.Padding, problem.Type), _descriptors.Tensor(problem.Output, problem.Type), $"cuDNN {problem}");

    private DnnPlan Decide(DnnProblem problem, DnnPlan plan, DnnAlgorithm found, bool isKept)
    {
        _descriptors.SetMath(plan.Convolution, problem.Type, found.MathType);
        return _plans[problem] = plan with { Algorithm = found.Algorithm, WorkspaceBytes = (long)found.WorkspaceBytes, IsKept = isKept };
    }

    private DnnAlgorithm[] Candidates(DnnDirection direction, DnnPlan plan, nint first, nint second, nint result)
    {
        var found = new DnnAlgorithm[MostAlgorithms];
        var (space, bytes) = (_workspace(_workspaceLimit), (nuint)_workspaceLimit);
        var count = 0;
        fixed (DnnAlgorithm* results = found)
        {
            Check(plan, direction switch
            {
                DnnDirection.Forward => _dnn.cudnnFindConvolutionForwardAlgorithmEx(
                    _handle, plan.Input, first, plan.Weight, second, plan.Convolution, plan.Output, result, MostAlgorithms, &count, results, space, bytes),
                DnnDirection.BackwardData => _dnn.cudnnFindConvolutionBackwardDataAlgorithmEx(
                    _handle, plan.Weight, second, plan.Output, first, plan.Convolution, plan.Input, result, MostAlgorithms, &count, results, space, bytes),
                _ => _dnn.cudnnFindConvolutionBackwardFilterAlgorithmEx(
                    _handle, plan.Input, first, plan.Output, second, plan.Convolution, plan.Weight, result, MostAlgorithms, &count, results, space, bytes),
            });
        }
        return found[..count];
    }

    // The fastest that worked: the library sorts by time.
    private DnnAlgorithm Choose(DnnPlan plan, DnnAlgorithm[] found)
    {
        foreach (var candidate in found)
        {
            if (candidate.Status == 0 && (long)candidate.WorkspaceBytes <= _workspaceLimit && (!_deterministic || candidate.Deterministic != 0))
                return candidate;
        }
        throw new EngineException($"{plan.Description}: none of {found.Length} algorithms works"
            + (_deterministic ? " and is deterministic: leave --deterministic out" : ": try a smaller batch or another precision"));
    }
}
