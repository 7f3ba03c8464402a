namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void PartialLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor position, PartialLossOptions options, Tensor loss,
        Tensor gradient)
    {
        var epoch = options.ReadsPosition ? ((int*)position.Address)[0] : 1;
        var cut = new LikelihoodCut(logits.Pointer(), (sbyte*)labels.Address, logits.Count,
            options.RanksLosses ? options.LargeLosses(logits.Count, epoch) : 0);
        var sums = stackalloc double[LossChunks];
        // Whole blocks, so that only the last chunk has a block that is not full.
        var blocks = (logits.Count + PartialLossBlock.Size - 1) / PartialLossBlock.Size;
        var perChunk = (blocks + LossChunks - 1) / LossChunks * PartialLossBlock.Size;
        var block = new PartialLossBlock(options, epoch, logits.Shape.Channels);
        var work = new PartialLossWork(
            logits.Pointer(), labels, block, cut, options.RanksLosses, gradient.Pointer(), sums, logits.Count,
            perChunk);
        var chunks = (int)((logits.Count + perChunk - 1) / perChunk);
        Workers.Run(ref work, chunks);
        loss.Pointer()[0] = (float)InOrder(sums, chunks);
    }

    private readonly struct PartialLossWork(
        float* logits, ReadOnlyTensor labels, PartialLossBlock block, LikelihoodCut cut, bool ranks, float* gradient,
        double* sums, long count, long perChunk) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            const int size = PartialLossBlock.Size;
            var x = stackalloc float[size];
            var t = stackalloc long[size];
            var dx = stackalloc float[size];
            var targets = stackalloc float[size];
            var soft = labels.Type == ElementType.Float32 ? targets : null;
            var sum = 0.0;
            var end = Math.Min(count, (chunk + 1) * perChunk);
            for (var first = chunk * perChunk; first < end; first += size)
            {
                var filled = (int)Math.Min(size, end - first);
                for (var j = 0; j < size; j++)
                {
                    x[j] = j < filled ? logits[first + j] : 0;
                    t[j] = j < filled ? Label(first + j) : PartialLossBlock.Nothing;
                }
                for (var j = 0; soft != null && j < filled; j++)
                    soft[j] = ((float*)labels.Address)[first + j];
                sum += block.Compute(x, t, soft, dx);
                new ReadOnlySpan<float>(dx, filled).CopyTo(new Span<float>(gradient + first, filled));
            }
            sums[chunk] = sum;
        }

        private long Label(long index)
        {
            if (labels.Type == ElementType.Float32)
            {
                var target = ((float*)labels.Address)[index];
                return target is > 0 and < 1
                    ? PartialLossBlock.Soft
                    : (long)MathF.Max(target, PartialLossBlock.Unknown);
            }
            var label = ((sbyte*)labels.Address)[index];
            return ranks && label < 0 && cut.Drops(logits[index], index) ? PartialLossBlock.Large : label;
        }
    }
}
