using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void GradientClip(ReadOnlyTensor gradients, LowPrecisionStep low, float limit, Tensor factor)
    {
        if (low.Map.Exists || low.LossScale.Exists)
            throw new NotSupportedException("the processor's gradients are neither in 16 bits nor scaled");
        var chunks = ElementwiseChunks(gradients.Count);
        var sums = Scratch.Doubles(0, chunks);
        var work = new SquaresWork(gradients.Pointer(), gradients.Count, sums);
        Workers.Run(ref work, chunks);
        *factor.Pointer() = GradientClipRule.Factor(InOrder(sums, chunks), 1, limit);
    }

    // A chunk's sum of squares, in doubles.
    private readonly struct SquaresWork(float* input, long count, double* sums) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var i = (long)chunk * ElementwiseChunk;
            var end = Math.Min(count, i + ElementwiseChunk);
            var squares = Vector512<double>.Zero;
            for (; i <= end - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                var (lower, upper) = Vector512.Widen(Vector512.Load(input + i));
                squares += lower * lower;
                squares += upper * upper;
            }
            var sum = Vector512.Sum(squares);
            for (; i < end; i++)
                sum += (double)input[i] * input[i];
            sums[chunk] = sum;
        }
    }
}
