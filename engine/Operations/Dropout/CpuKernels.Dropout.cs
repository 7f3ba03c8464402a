using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    private const int DropoutUnit = 4096;

    public void Dropout(
        ReadOnlyTensor input, float rate, ulong seed, ReadOnlyTensor position, bool accumulate, Tensor output)
    {
        var work = new DropoutWork(
            input.Pointer(), rate, seed, DropoutMask.StepOf(position), accumulate, output.Pointer(), output.Count);
        Workers.Run(ref work, (int)((output.Count + DropoutUnit - 1) / DropoutUnit));
    }

    private readonly struct DropoutWork(
        float* source, float rate, ulong seed, uint step, bool accumulate, float* destination, long count)
        : IChunkedWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int chunk)
        {
            var (threshold, scale) = (DropoutMask.Threshold(rate), 1 / (1 - rate));
            var words = stackalloc uint[DropoutMask.Words];
            var end = Math.Min(count, (chunk + 1L) * DropoutUnit);
            for (var first = (long)chunk * DropoutUnit; first < end; first += DropoutMask.Words)
            {
                (words[0], words[1], words[2], words[3]) =
                    DropoutMask.Block((ulong)(first / DropoutMask.Words), step, seed);
                for (var i = 0; i < Math.Min(DropoutMask.Words, end - first); i++)
                {
                    var value = words[i] >= threshold ? source[first + i] * scale : 0;
                    destination[first + i] = accumulate ? destination[first + i] + value : value;
                }
            }
        }
    }
}
