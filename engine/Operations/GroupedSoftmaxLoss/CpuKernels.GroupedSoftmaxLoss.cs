namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void GroupedSoftmaxLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor groups, float smoothing, Tensor loss,
        Tensor gradient)
    {
        var sums = stackalloc double[LossChunks];
        var rows = logits.Shape.Batch;
        var perChunk = (rows + LossChunks - 1) / LossChunks;
        var work = new GroupedSoftmaxLossWork(
            logits.Pointer(), (sbyte*)labels.Address, (int*)groups.Address, gradient.Pointer(), sums, rows, perChunk,
            logits.Shape.Channels, (int)groups.Count - 1, smoothing);
        var chunks = (rows + perChunk - 1) / perChunk;
        Workers.Run(ref work, chunks);
        loss.Pointer()[0] = (float)InOrder(sums, chunks);
    }

    private readonly struct GroupedSoftmaxLossWork(
        float* logits, sbyte* labels, int* firsts, float* gradient, double* sums, int rows, int perChunk,
        int classes, int groups, float smoothing) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var sum = 0.0;
            for (var row = chunk * perChunk; row < Math.Min(rows, (chunk + 1) * perChunk); row++)
            {
                for (var group = 0; group < groups; group++)
                {
                    var (first, count) = ((long)row * classes + firsts[group], firsts[group + 1] - firsts[group]);
                    sum += GroupedSoftmaxTerm.Of(
                        new ReadOnlySpan<float>(logits + first, count), new ReadOnlySpan<sbyte>(labels + first, count),
                        smoothing, new Span<float>(gradient + first, count));
                }
            }
            sums[chunk] = sum;
        }
    }
}
