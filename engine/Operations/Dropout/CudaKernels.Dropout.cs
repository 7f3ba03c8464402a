namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _dropout = new("dropout", "dropout");

    public void Dropout(
        ReadOnlyTensor input, float rate, ulong seed, ReadOnlyTensor position, bool accumulate, Tensor output)
    {
        var blocks = checked((int)((output.Count + DropoutMask.Words - 1) / DropoutMask.Words));
        Launch(
            _dropout, SweepShape(blocks, 1), input, (int)DropoutMask.Threshold(rate), 1 / (1 - rate), (int)seed,
            (int)(seed >> 32), position, accumulate, output, output.Count, blocks);
    }
}
