namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    public void ConvolutionForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry, Tensor output)
    {
        var typed = WeightAs(input.Type, weight);
        var problem = DnnProblem.Of(
            DnnDirection.Forward, input.Shape, weight.Shape, output.Shape, geometry, input.Type);
        if (!TryLibraries(problem, input, typed, output))
            OwnConvolutionForward(input, typed, geometry, output);
    }

    public void ConvolutionBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, ConvolutionGeometry geometry, bool accumulate,
        Tensor inputGradient)
    {
        var typed = WeightAs(outputGradient.Type, weight);
        var problem = DnnProblem.Of(
            DnnDirection.BackwardData, inputGradient.Shape, weight.Shape, outputGradient.Shape, geometry,
            outputGradient.Type) with
        {
            Accumulate = accumulate,
        };
        if (!TryLibraries(problem, outputGradient, typed, inputGradient))
            OwnConvolutionBackwardData(outputGradient, typed, geometry, accumulate, inputGradient);
        if (accumulate && !problem.IsPointByPoint)
            PlanSearch(inputGradient);
    }

    public void ConvolutionBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient)
    {
        var problem = WeightProblem(input, outputGradient, geometry, weightGradient);
        // The matrix product writes singles from 16-bit operands; the others write the operands' type.
        var direct = weightGradient.Type == input.Type || IsProduct(problem);
        var typed = direct
            ? weightGradient
            : new Tensor(
                Scratch(ScratchSlot.WeightGradient, weightGradient.Count * input.Type.Size()),
                weightGradient.Shape, input.Type);
        if (!TryLibraries(problem, input, outputGradient, typed))
            OwnConvolutionBackwardWeight(input, outputGradient, geometry, typed);
        if (!direct)
            Copy(typed, weightGradient);
    }

    private static DnnProblem WeightProblem(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient) =>
        DnnProblem.Of(
            DnnDirection.BackwardWeight, input.Shape, weightGradient.Shape, outputGradient.Shape, geometry,
            input.Type);

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
        if (_dnn.Fused(call) is { } known)
            return known;
        DecideFolded(call);
        return _dnn.Fused(call) == true;
    }

    // Apart, because it is a delegate that a warm call must not make.
    private void DecideFolded(FoldedConvolution call) => _dnn!.ChooseFused(call, () => FoldedSeparately(call));

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

    private ReadOnlyTensor WeightAs(ElementType type, ReadOnlyTensor weight)
    {
        if (weight.Type == type)
            return weight;
        var typed = new Tensor(Scratch(ScratchSlot.Weight, weight.Count * type.Size()), weight.Shape, type);
        Copy(weight, typed);
        return typed;
    }
}
