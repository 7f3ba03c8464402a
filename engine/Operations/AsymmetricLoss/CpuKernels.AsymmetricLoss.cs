namespace Flixstock.Engine;

public sealed unsafe partial class CpuKernels
{
    public void AsymmetricLoss(ReadOnlyTensor logits, ReadOnlyTensor labels, AsymmetricLossOptions options, Tensor loss, Tensor gradient)
    {
        var sums = stackalloc double[LossChunks];
        var perChunk = (logits.Count + LossChunks - 1) / LossChunks;
        var work = new AsymmetricLossWork(logits.Pointer(), (sbyte*)labels.Address, options, gradient.Pointer(), sums, logits.Count, perChunk);
        var chunks = (int)((logits.Count + perChunk - 1) / perChunk);
        Workers.Run(ref work, chunks);
        loss.Pointer()[0] = (float)InOrder(sums, chunks);
    }

    private readonly struct AsymmetricLossWork(
        float* logits, sbyte* labels, AsymmetricLossOptions options, float* gradient, double* sums, long count, long perChunk) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var sum = 0.0;
            for (var i = chunk * perChunk; i < Math.Min(count, (chunk + 1) * perChunk); i++)
            {
                var (term, slope) = AsymmetricTerm.Of(logits[i], labels[i], options);
                sum -= term;
                gradient[i] = (float)slope;
            }
            sums[chunk] = sum;
        }
    }
}
