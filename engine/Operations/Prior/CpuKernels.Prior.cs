namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    private const int PriorClassesPerChunk = 64;

    public void PriorAccumulate(ReadOnlyTensor logits, Tensor sums)
    {
        var work = new PriorWork(logits.Pointer(), logits.Shape.Batch, (int)sums.Count, sums.Pointer());
        Workers.Run(ref work, ((int)sums.Count + PriorClassesPerChunk - 1) / PriorClassesPerChunk);
    }

    private readonly struct PriorWork(float* logits, int batch, int classes, float* sums) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var begin = chunk * PriorClassesPerChunk;
            var count = Math.Min(PriorClassesPerChunk, classes - begin);
            var totals = stackalloc double[PriorClassesPerChunk];
            for (var n = 0; n < batch; n++)
            {
                var row = logits + (long)n * classes + begin;
                for (var k = 0; k < count; k++)
                    totals[k] += 1 / (1 + Math.Exp(-(double)row[k]));
            }
            for (var k = 0; k < count; k++)
                sums[begin + k] = (float)(sums[begin + k] + totals[k]);
        }
    }
}
