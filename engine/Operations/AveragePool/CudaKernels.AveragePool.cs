namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _averagePoolForward = new("average_pool", "average_pool_forward");
    private readonly KernelEntries _averagePoolBackward = new("average_pool", "average_pool_backward");

    public void AveragePoolForward(ReadOnlyTensor input, Tensor output) => Halve(_averagePoolForward, input, output);

    public void AveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient) =>
        HalveBackward(_averagePoolBackward, outputGradient, accumulate, inputGradient);
}
