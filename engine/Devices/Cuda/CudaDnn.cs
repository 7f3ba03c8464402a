namespace Flixstock.Engine;

/// <summary>
/// Convolutions of NHWC tensors through cuDNN's legacy interface. Each shape's algorithm is found by timing on its first call, which must not be inside a
/// capture, and kept with its descriptors. Sums are in single precision. https://docs.nvidia.com/deeplearning/cudnn/
/// </summary>
internal sealed unsafe class CudaDnn : IDisposable
{
    private const int MostAlgorithms = 8; // the largest of the three COUNT values

    private readonly IDnn _dnn;
    private readonly CudaError _errors;
    private readonly DnnDescriptors _descriptors;
    private readonly Dictionary<(DnnDirection, Shape, Shape, int, int, ElementType), DnnPlan> _plans = [];
    private readonly Func<long, nint> _workspace, _searchSpace;
    private readonly long _workspaceLimit;
    private readonly bool _deterministic;
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
    /// <exception cref="EngineException">The library refuses.</exception>
    public CudaDnn(
        IDnn dnn, CudaError errors, nint stream, bool allowTf32, bool deterministic, Func<long, nint> workspace, Func<long, nint> searchSpace, long workspaceLimit)
    {
        (_dnn, _errors, _deterministic, _workspace, _searchSpace, _workspaceLimit) = (dnn, errors, deterministic, workspace, searchSpace, workspaceLimit);
        _descriptors = new DnnDescriptors(dnn, errors, allowTf32);
        fixed (nint* handle = &_handle)
            errors.Check(dnn, dnn.cudnnCreate(handle));
        errors.Check(dnn, dnn.cudnnSetStream(_handle, stream));
    }

    /// <summary>y = convolution(x, w)</summary>
    public void Forward(ReadOnlyTensor x, ReadOnlyTensor weight, int stride, int padding, Tensor y)
    {
        var plan = Plan(DnnDirection.Forward, x.Shape, weight.Shape, y.Shape, stride, padding, x.Type, x.Address, weight.Address, y.Address);
        float one = 1, zero = 0;
        Check(plan, _dnn.cudnnConvolutionForward(
            _handle, &one, plan.Input, x.Address, plan.Weight, weight.Address, plan.Convolution, plan.Algorithm, Workspace(plan), (nuint)plan.WorkspaceBytes,
            &zero, plan.Output, y.Address));
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
        var plan = Plan(DnnDirection.BackwardData, dx.Shape, weight.Shape, dy.Shape, stride, padding, dy.Type, dy.Address, weight.Address, accumulate ? 0 : dx.Address);
        float one = 1, beta = accumulate ? 1 : 0;
        Check(plan, _dnn.cudnnConvolutionBackwardData(
            _handle, &one, plan.Weight, weight.Address, plan.Output, dy.Address, plan.Convolution, plan.Algorithm, Workspace(plan),
            (nuint)plan.WorkspaceBytes, &beta, plan.Input, dx.Address));
    }

    /// <summary>The weight's gradient, in the operands' type.</summary>
    public void BackwardWeight(ReadOnlyTensor x, ReadOnlyTensor dy, int stride, int padding, Tensor weightGradient)
    {
        var plan = Plan(
            DnnDirection.BackwardWeight, x.Shape, weightGradient.Shape, dy.Shape, stride, padding, x.Type, x.Address, dy.Address, weightGradient.Address);
        float one = 1, zero = 0;
        Check(plan, _dnn.cudnnConvolutionBackwardFilter(
            _handle, &one, plan.Input, x.Address, plan.Output, dy.Address, plan.Convolution, plan.Algorithm, Workspace(plan), (nuint)plan.WorkspaceBytes,
            &zero, plan.Weight, weightGradient.Address));
    }

    /// <summary>Gives descriptors and handle back.</summary>
    public void Dispose()
    {
        _descriptors.Dispose();
        if (_handle != 0)
            _ = _dnn.cudnnDestroy(_handle); // nobody could act on a failure here
        _handle = 0;
    }

    private nint Workspace(DnnPlan plan) => plan.WorkspaceBytes > 0 ? _workspace(plan.WorkspaceBytes) : 0;

    private void Check(DnnPlan plan, int status)
    {
        if (status != 0)
            _errors.Check(_dnn, status, plan.Description);
    }

    // result 0: the search may not write to the destination.
    private DnnPlan Plan(
        DnnDirection direction, Shape input, Shape weight, Shape output, int stride, int padding, ElementType type, nint first, nint second, nint result)
    {
        var key = (direction, input, weight, stride, padding, type);
        if (_plans.TryGetValue(key, out var plan))
            return plan;
        plan = new DnnPlan(_descriptors.Tensor(input, type), _descriptors.Weight(weight, type), _descriptors.Convolution(stride, padding, type),
            _descriptors.Tensor(output, type), $"cuDNN {direction} of {input} with {weight}, stride {stride}, {type}");
        if (result == 0)
            result = _searchSpace(input.Count * type.Size());
        var found = Choose(plan, Search(direction, plan, first, second, result));
        plan = plan with { Algorithm = found.Algorithm, WorkspaceBytes = (long)found.WorkspaceBytes };
        _descriptors.SetMath(plan.Convolution, type, found.MathType);
        _plans.Add(key, plan);
        return plan;
    }

    private DnnAlgorithm[] Search(DnnDirection direction, DnnPlan plan, nint first, nint second, nint result)
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
