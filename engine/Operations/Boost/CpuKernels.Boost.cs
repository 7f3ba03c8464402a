using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    private const int BoostUnit = 16384;

    public void BoostForward(ReadOnlyTensor input, float factor, Tensor output) =>
        Boost(new BoostWork(input.Pointer(), input.Pointer(), factor, output.Pointer(), output.Count), output.Count);

    public void BoostBackward(ReadOnlyTensor output, float factor, Tensor gradient) =>
        Boost(
            new BoostWork(output.Pointer(), gradient.Pointer(), factor, gradient.Pointer(), gradient.Count),
            gradient.Count);

    private void Boost(BoostWork work, long count) =>
        Workers.Run(ref work, (int)((count + BoostUnit - 1) / BoostUnit));

    // A stretch of elements is treated as the channels of one pixel.
    private readonly struct BoostWork(float* sign, float* source, float factor, float* destination, long count)
        : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var from = (long)chunk * BoostUnit;
            var kernel = new BoostKernel(sign + from, source + from, factor, destination + from);
            new ChannelSweep<BoostKernel>(kernel, (int)Math.Min(BoostUnit, count - from)).Execute(0);
        }
    }

    private readonly struct BoostKernel(float* sign, float* source, float factor, float* destination) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var value = L.Load(source + channel);
            L.Store(
                L.WherePositive(L.Load(sign + channel), value * L.Splat(factor), value), destination + channel);
        }
    }
}
