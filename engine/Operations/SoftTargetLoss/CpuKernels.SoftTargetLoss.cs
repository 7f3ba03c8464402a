namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void SoftTargetLoss(ReadOnlyTensor logits, ReadOnlyTensor targets, Tensor loss, Tensor gradient)
    {
        var sums = stackalloc double[LossChunks];
        var perChunk = (logits.Count + LossChunks - 1) / LossChunks;
        var work = new SoftTargetWork(
            logits.Pointer(), targets.Pointer(), gradient.Pointer(), sums, logits.Count, perChunk);
        var chunks = (int)((logits.Count + perChunk - 1) / perChunk);
        Workers.Run(ref work, chunks);
        loss.Pointer()[0] = (float)InOrder(sums, chunks);
    }

    // One label after the other: a batch has few next to what the network computes.
    private readonly struct SoftTargetWork(
        float* logits, float* targets, float* gradient, double* sums, long count, long perChunk) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var sum = 0.0;
            for (var i = chunk * perChunk; i < Math.Min(count, (chunk + 1) * perChunk); i++)
            {
                var (x, t) = (logits[i], targets[i]);
                if (t < 0)
                {
                    gradient[i] = 0;
                    continue;
                }
                sum += SoftTargetTerm.Loss(x, t);
                gradient[i] = (float)SoftTargetTerm.Slope(x, t);
            }
            sums[chunk] = sum;
        }
    }
}
