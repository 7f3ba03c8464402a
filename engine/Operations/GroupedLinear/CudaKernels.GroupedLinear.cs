namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _groupedLinearForward = new("grouped_linear", "grouped_linear_forward");
    private readonly KernelEntries _groupedLinearData = new("grouped_linear", "grouped_linear_backward_data");
    private readonly KernelEntries _groupedLinearWeight = new("grouped_linear", "grouped_linear_backward_weight");
    private readonly KernelEntries _groupedLinearBias = new("grouped_linear", "grouped_linear_bias_gradient");

    public void GroupedLinearForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, Tensor output)
    {
        var (groups, width, perGroup) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        var rows = output.Shape.Batch;
        Launch(
            _groupedLinearForward, ProductShape(rows, perGroup, groups),
            input, weight, bias, output, rows, groups, width, perGroup, output.Shape.Channels);
    }

    public void GroupedLinearBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, bool accumulate, Tensor inputGradient)
    {
        var (groups, width, perGroup) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        var rows = outputGradient.Shape.Batch;
        Launch(
            _groupedLinearData, ProductShape(rows, width, groups),
            outputGradient, weight, accumulate, inputGradient, rows, groups, width, perGroup,
            outputGradient.Shape.Channels);
    }

    public void GroupedLinearBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var shape = weightGradient.Shape;
        var (groups, width, perGroup) = (shape[0], shape[1], shape[2]);
        var (rows, outputs) = (outputGradient.Shape.Batch, outputGradient.Shape.Channels);
        Launch(
            _groupedLinearWeight, ProductShape(width, perGroup, groups),
            input, outputGradient, weightGradient, rows, groups, width, perGroup, outputs);
        if (biasGradient.Exists)
            Launch(_groupedLinearBias, FinishShape(outputs), outputGradient, rows, outputs, biasGradient);
    }
}
