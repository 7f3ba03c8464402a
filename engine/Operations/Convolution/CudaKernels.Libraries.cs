namespace Flixstock.Engine;

// Which library computes a convolution: cuDNN, or where it is a matrix product the faster one of cuBLAS and cuDNN.
internal sealed partial class CudaKernels
{
    // False: neither has anything for it, and nothing was queued.
    private bool TryLibraries(in DnnProblem problem, ReadOnlyTensor first, ReadOnlyTensor second, Tensor result)
    {
        var product = IsProduct(problem);
        if (product && IsProductFaster(problem, first, second, result))
        {
            Multiply(problem, first, second, result);
            return true;
        }
        if (_dnn?.Convolve(problem, first, second, result) == true)
            return true;
        // cuDNN was faster in an earlier process, and now has nothing.
        if (product)
            Multiply(problem, first, second, result);
        return product;
    }

    private bool IsProduct(in DnnProblem problem) => _blas is not null && problem.IsPointByPoint;

    // Only cuBLAS adds to a result as fast as it writes one, and writes singles from 16-bit operands.
    private bool IsProductFaster(in DnnProblem problem, ReadOnlyTensor first, ReadOnlyTensor second, Tensor result)
    {
        if (_dnn is null || problem.Accumulate || result.Type != problem.Type)
            return true;
        if (_dnn.IsFasterThanProduct(problem) is null)
            ChooseProduct(problem, first, second, result);
        return _dnn.IsFasterThanProduct(problem) != true;
    }

    // Apart, because of delegates that a warm call must not make.
    private void ChooseProduct(DnnProblem problem, ReadOnlyTensor first, ReadOnlyTensor second, Tensor result) =>
        _dnn!.ChooseProduct(
            problem, () => Multiply(problem, first, second, result),
            () => _dnn.Convolve(problem, first, second, result));

    private void Multiply(in DnnProblem problem, ReadOnlyTensor first, ReadOnlyTensor second, Tensor result)
    {
        switch (problem.Direction)
        {
            case DnnDirection.Forward:
                _blas!.Forward(first, second, result);
                break;
            case DnnDirection.BackwardData:
                _blas!.BackwardData(first, second, problem.Accumulate, result);
                break;
            default:
                _blas!.BackwardWeight(first, second, result);
                break;
        }
    }
}
