namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    // More rows than that are taken in turn.
    private const int MostNormBlocks = 65_535;

    private readonly KernelEntries _layerNormForward = new("layer_norm", "layer_norm_forward");
    private readonly KernelEntries _layerNormData = new("layer_norm", "layer_norm_backward_data");
    private readonly KernelEntries _layerNormWeight = new("layer_norm", "layer_norm_backward_weight");

    public void LayerNormForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, Tensor statistics,
        Tensor output)
    {
        var rows = NormRowsOf(input);
        Launch(
            _layerNormForward, NormShape(rows), input, weight, bias, epsilon, statistics, output, rows,
            input.Shape.Channels);
    }

    public void LayerNormBackwardData(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor statistics, ReadOnlyTensor outputGradient,
        bool accumulate, Tensor inputGradient)
    {
        var rows = NormRowsOf(input);
        Launch(
            _layerNormData, NormShape(rows), input, weight, statistics, outputGradient, accumulate, inputGradient,
            rows, input.Shape.Channels);
    }

    public void LayerNormBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor statistics, ReadOnlyTensor outputGradient, Tensor weightGradient,
        Tensor biasGradient) =>
        Launch(
            _layerNormWeight, FinishShape(input.Shape.Channels), input, statistics, outputGradient, NormRowsOf(input),
            input.Shape.Channels, weightGradient, biasGradient);

    private static int NormRowsOf(ReadOnlyTensor input) => checked((int)input.Shape.Pixels);

    private static LaunchShape NormShape(int rows) =>
        LaunchShape.Linear(Math.Min(rows, MostNormBlocks), SweepThreads);
}
