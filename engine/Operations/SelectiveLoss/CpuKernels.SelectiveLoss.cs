namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void SelectiveLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor prior, SelectiveLossOptions options, Tensor loss,
        Tensor gradient, Tensor weights)
    {
        var batch = logits.Shape.Batch;
        var usesPrior = options.Mode == PartialLossMode.Selective && options.PriorThreshold != 0 && prior.Exists;
        var cut = new LikelihoodCut(logits.Pointer(), (sbyte*)labels.Address, logits.Count,
            options.Mode == PartialLossMode.Selective ? (long)options.LikelihoodTopK * batch : 0);
        var sums = stackalloc double[LossChunks];
        var rowsPerChunk = (batch + LossChunks - 1) / LossChunks;
        var work = new SelectiveLossWork(
            logits.Pointer(), (sbyte*)labels.Address, usesPrior ? prior.Pointer() : null, options, cut,
            gradient.Pointer(), weights.Exists ? weights.Pointer() : null, sums, batch,
            logits.Shape.Channels, rowsPerChunk);
        var chunks = (batch + rowsPerChunk - 1) / rowsPerChunk;
        Workers.Run(ref work, chunks);
        loss.Pointer()[0] = (float)InOrder(sums, chunks);
    }

    private readonly struct SelectiveLossWork(
        float* logits, sbyte* labels, float* prior, SelectiveLossOptions options, LikelihoodCut cut,
        float* gradient, float* weights, double* sums, int batch, int classes, int rowsPerChunk) : IChunkedWork
    {
        private const int Block = SelectiveLossBlock.Size;

        public void Execute(int chunk)
        {
            var sum = 0.0;
            for (var row = chunk * rowsPerChunk; row < Math.Min(batch, (chunk + 1) * rowsPerChunk); row++)
                sum += Row((long)row * classes);
            sums[chunk] = sum;
        }

        private double Row(long begin)
        {
            var annotated = 0;
            if (options.Mode == PartialLossMode.IgnoreNormalizeClasses)
            {
                for (var k = 0; k < classes; k++)
                    annotated += labels[begin + k] >= 0 ? 1 : 0;
            }
            var x = stackalloc float[Block];
            var t = stackalloc int[Block];
            var w = stackalloc float[Block];
            var dx = stackalloc float[Block];
            var sum = 0.0;
            for (var k = 0; k < classes; k += Block)
            {
                var count = Math.Min(Block, classes - k);
                for (var j = 0; j < Block; j++)
                {
                    // Lanes past the row's end weigh nothing.
                    x[j] = j < count ? logits[begin + k + j] : 0;
                    t[j] = j < count ? labels[begin + k + j] : 0;
                    w[j] = j < count ? Weight(begin + k + j, k + j, annotated) : 0;
                }
                sum += SelectiveLossBlock.Compute(x, t, w, options, dx);
                for (var j = 0; j < count; j++)
                    gradient[begin + k + j] = dx[j];
                for (var j = 0; j < count && weights != null; j++)
                    weights[begin + k + j] = w[j];
            }
            return sum;
        }

        private float Weight(long index, int column, int annotated) => options.Mode switch
        {
            PartialLossMode.Ignore => labels[index] < 0 ? 0 : 1,
            PartialLossMode.IgnoreNormalizeClasses => labels[index] < 0 ? 0 : 1 + 1f / (1 + annotated),
            PartialLossMode.Selective when labels[index] < 0 =>
                (prior != null && prior[column] > options.PriorThreshold) || cut.Drops(logits[index], index) ? 0 : 1,
            _ => 1,
        };
    }
}
