using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void FiniteCheck(ReadOnlyTensor input, Tensor flag)
    {
        var work = new FiniteCheckWork(input.Pointer(), input.Count, (int*)flag.Address);
        Workers.Run(ref work, ElementwiseChunks(input.Count));
    }

    // This device's gradients are singles.
    public void GradientsFiniteCheck(ReadOnlyTensor gradients, LowPrecisionStep low, Tensor flag)
    {
        if (low.Map.Exists)
            throw new NotSupportedException("the processor's gradients are not in 16 bits");
        FiniteCheck(gradients, flag);
    }

    private readonly struct FiniteCheckWork(float* input, long count, int* flag) : IChunkedWork
    {
        // x * 0 is 0 for every finite x and not a number for all others, so a sum of them tells without a branch.
        public void Execute(int chunk)
        {
            var i = (long)chunk * ElementwiseChunk;
            var end = Math.Min(count, i + ElementwiseChunk);
            var zeros = Vector512<float>.Zero;
            for (; i <= end - Vector512<float>.Count; i += Vector512<float>.Count)
                zeros += Vector512.Load(input + i) * Vector512<float>.Zero;
            var zero = Vector512.Sum(zeros);
            for (; i < end; i++)
                zero += input[i] * 0;
            if (!float.IsFinite(zero))
                Volatile.Write(ref *flag, 1);
        }
    }
}
