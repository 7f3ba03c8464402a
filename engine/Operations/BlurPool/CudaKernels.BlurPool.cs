namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _blurPoolForward = new("blur_pool", "blur_pool_forward");
    private readonly KernelEntries _blurPoolBackward = new("blur_pool", "blur_pool_backward");

    public void BlurPoolForward(ReadOnlyTensor input, Tensor output) => Halve(_blurPoolForward, input, output);

    public void BlurPoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient) =>
        HalveBackward(_blurPoolBackward, outputGradient, accumulate, inputGradient);
}
