namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    public void ConvolutionForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry, Tensor output)
    {
        var typed = WeightAs(input.Type, weight);
        var problem = new DnnProblem(
            DnnDirection.Forward, input.Shape, weight.Shape, output.Shape, geometry.Stride, geometry.Padding,
            input.Type);
        if (IsBetterAsProduct(problem) ?? ChooseForward(problem, input, typed, geometry, output))
            _blas!.Forward(input, typed, output);
        else if (_dnn?.Forward(input, typed, geometry.Stride, geometry.Padding, output) != true)
            OwnConvolutionForward(input, typed, geometry, output);
    }

    // Apart, because of delegates that a warm call must not make.
    private bool ChooseForward(
        in DnnProblem problem, ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry,
        Tensor output)
    {
        _dnn!.ChooseProduct(
            problem, () => _blas!.Forward(input, weight, output),
            () => _dnn.Forward(input, weight, geometry.Stride, geometry.Padding, output));
        return IsBetterAsProduct(problem) == true;
    }

    public void ConvolutionBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, ConvolutionGeometry geometry, bool accumulate,
        Tensor inputGradient)
    {
        var typed = WeightAs(outputGradient.Type, weight);
        var (stride, padding) = (geometry.Stride, geometry.Padding);
        var problem = new DnnProblem(
            DnnDirection.BackwardData, inputGradient.Shape, weight.Shape, outputGradient.Shape, stride, padding,
            outputGradient.Type)
        {
            Accumulate = accumulate,
        };
        if (IsBetterAsProduct(problem) ?? ChooseBackwardData(problem, outputGradient, typed, geometry, inputGradient))
            _blas!.BackwardData(outputGradient, typed, accumulate, inputGradient);
        else if (_dnn?.BackwardData(outputGradient, typed, stride, padding, accumulate, inputGradient) != true)
            OwnConvolutionBackwardData(outputGradient, typed, geometry, accumulate, inputGradient);
        if (accumulate && !IsPointByPoint(problem))
            PlanSearch(inputGradient);
    }

    private bool ChooseBackwardData(
        in DnnProblem problem, ReadOnlyTensor outputGradient, ReadOnlyTensor weight, ConvolutionGeometry geometry,
        Tensor inputGradient)
    {
        _dnn!.ChooseProduct(
            problem, () => _blas!.BackwardData(outputGradient, weight, accumulate: false, inputGradient),
            () => _dnn.BackwardData(
                outputGradient, weight, geometry.Stride, geometry.Padding, accumulate: false, inputGradient));
        return IsBetterAsProduct(problem) == true;
    }

    public void ConvolutionBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient)
    {
        // The matrix product writes singles from 16-bit operands; the others write the operands' type.
        var problem = new DnnProblem(
            DnnDirection.BackwardWeight, input.Shape, weightGradient.Shape, outputGradient.Shape, geometry.Stride,
            geometry.Padding, input.Type);
        if (weightGradient.Type != input.Type && IsProduct(problem)
            || (IsBetterAsProduct(problem) ?? ChooseBackwardWeight(
                problem, input, outputGradient, geometry, weightGradient)))
        {
            _blas!.BackwardWeight(input, outputGradient, weightGradient);
            return;
        }
        var typed = weightGradient.Type == input.Type
            ? weightGradient
            : new Tensor(
                Scratch(ScratchSlot.WeightGradient, weightGradient.Count * input.Type.Size()),
                weightGradient.Shape, input.Type);
        if (_dnn?.BackwardWeight(input, outputGradient, geometry.Stride, geometry.Padding, typed) != true)
            OwnConvolutionBackwardWeight(input, outputGradient, geometry, typed);
        if (typed.Type != weightGradient.Type)
            Copy(typed, weightGradient);
    }

    public void ConvolutionFolded(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ReadOnlyTensor residual,
        ConvolutionGeometry geometry, float slope, Tensor output)
    {
        if (residual.Exists && output.SharesMemory(residual))
            throw new EngineException("a folded convolution cannot write over its residual");
        var call = new FoldedConvolution(
            input, WeightAs(input.Type, weight), bias, residual, geometry, slope, output);
        if (!IsFoldedByLibrary(call))
            FoldedSeparately(call);
    }

    private bool IsFoldedByLibrary(in FoldedConvolution call)
    {
        if (_dnn is null)
            return false;
        if (_dnn.Folded(call) is { } known)
            return known;
        DecideFolded(call);
        return _dnn.Folded(call) == true;
    }

    // Apart, because it is a delegate that a warm call must not make.
    private void DecideFolded(FoldedConvolution call) => _dnn!.ChooseFolded(call, () => FoldedSeparately(call));

    // A convolution, and a pass over its output.
    private void FoldedSeparately(in FoldedConvolution call)
    {
        var (bias, residual, slope, output) = (call.Bias, call.Residual, call.Slope, call.Y);
        ConvolutionForward(call.X, call.Weight, call.Geometry, output);
        var channels = output.Shape.Channels;
        var fast = IsFast(channels, bias.Address, residual.Address, output.Address);
        var packs = Packs(output.Count, fast, "an activation");
        Launch(
            _convolutionEpilogue, output.Type, fast, SweepShape(packs, Groups(channels, fast)),
            bias, residual, slope, output, packs, channels);
    }

    private bool ChooseBackwardWeight(
        in DnnProblem problem, ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry,
        Tensor weightGradient)
    {
        _dnn!.ChooseProduct(
            problem, () => _blas!.BackwardWeight(input, outputGradient, weightGradient),
            () => _dnn.BackwardWeight(input, outputGradient, geometry.Stride, geometry.Padding, weightGradient));
        return IsBetterAsProduct(problem) == true;
    }

    // A 1x1 window that visits every pixel once is a matrix product over pixels.
    private bool IsProduct(in DnnProblem problem) => _blas is not null && IsPointByPoint(problem);

    private static bool IsPointByPoint(in DnnProblem problem) =>
        problem is { Stride: 1, Padding: 0, Weight: { Height: 1, Width: 1 } };

    // Null where both libraries can compute it and nobody has compared them. Only cuBLAS adds to a result as fast as it
    // writes one.
    private bool? IsBetterAsProduct(in DnnProblem problem) => !IsProduct(problem) ? false
        : _dnn is null || problem.Accumulate ? true
        : !_dnn.IsFasterThanProduct(problem);

    private ReadOnlyTensor WeightAs(ElementType type, ReadOnlyTensor weight)
    {
        if (weight.Type == type)
            return weight;
        var typed = new Tensor(Scratch(ScratchSlot.Weight, weight.Count * type.Size()), weight.Shape, type);
        Copy(weight, typed);
        return typed;
    }
}
