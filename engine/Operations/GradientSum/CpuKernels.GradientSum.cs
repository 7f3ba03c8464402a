using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void GradientSum(Tensor gradients, Tensor low, ReadOnlyTensor map, GradientPart part, Tensor sum)
    {
        if (low.Exists || map.Exists)
            throw new NotSupportedException("the processor's gradients are not in 16 bits");
        var (source, destination) = part == GradientPart.Last ? (sum, gradients) : (gradients, sum);
        var work = new GradientSumWork(
            source.Pointer(), destination.Pointer(), gradients.Count, part != GradientPart.First);
        Workers.Run(ref work, ElementwiseChunks(gradients.Count));
    }

    private readonly struct GradientSumWork(float* source, float* destination, long count, bool adds) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var i = (long)chunk * ElementwiseChunk;
            var end = Math.Min(count, i + ElementwiseChunk);
            if (!adds)
            {
                new ReadOnlySpan<float>(source + i, (int)(end - i)).CopyTo(
                    new Span<float>(destination + i, (int)(end - i)));
                return;
            }

            for (; i <= end - Vector512<float>.Count; i += Vector512<float>.Count)
                Vector512.Store(Vector512.Load(destination + i) + Vector512.Load(source + i), destination + i);
            for (; i < end; i++)
                destination[i] += source[i];
        }
    }
}
