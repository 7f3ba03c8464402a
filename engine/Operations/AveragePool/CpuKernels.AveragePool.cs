using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void AveragePoolForward(ReadOnlyTensor input, Tensor output) =>
        Sweep(
            new AveragePoolKernel(input.Shape, output.Shape, input.Pointer(), output.Pointer()),
            output.Shape.Batch * output.Shape.Height, output.Shape.Channels);

    public void AveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var shape = inputGradient.Shape;
        var kernel = new AveragePoolGradientKernel(
            shape, outputGradient.Shape, outputGradient.Pointer(), accumulate, inputGradient.Pointer());
        Sweep(kernel, shape.Batch * shape.Height, shape.Channels);
    }

    // A unit is an output row. At the lower and right edge the missing row and column are the existing ones again,
    // which gives the same mean.
    private readonly struct AveragePoolKernel(Shape input, Shape output, float* x, float* y) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var (n, p) = (unit / output.Height, unit % output.Height);
            var upper = x + ((long)n * input.Height + 2 * p) * input.Width * input.Channels + channel;
            var lower = 2 * p + 1 < input.Height ? upper + (long)input.Width * input.Channels : upper;
            var destination = y + (long)unit * output.Width * output.Channels + channel;
            var quarter = L.Splat(0.25f);
            for (var q = 0; q < output.Width; q++, destination += output.Channels)
            {
                var left = 2L * q * input.Channels;
                var right = 2 * q + 1 < input.Width ? left + input.Channels : left;
                L.Store(
                    (L.Load(upper + left) + L.Load(upper + right) + (L.Load(lower + left) + L.Load(lower + right)))
                        * quarter,
                    destination);
            }
        }
    }

    // A unit is an input row.
    private readonly struct AveragePoolGradientKernel(Shape input, Shape output, float* dy, bool accumulate, float* dx)
        : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var (n, h) = (unit / input.Height, unit % input.Height);
            var source = dy + ((long)n * output.Height + h / 2) * output.Width * output.Channels + channel;
            var destination = dx + (long)unit * input.Width * input.Channels + channel;
            var rowShare = h % 2 == 0 && h + 1 == input.Height ? 1f : 0.5f;
            for (var w = 0; w < input.Width; w++, destination += input.Channels)
            {
                var share = w % 2 == 0 && w + 1 == input.Width ? rowShare : rowShare * 0.5f;
                var value = L.Splat(share) * L.Load(source + w / 2 * (long)output.Channels);
                L.Store(accumulate ? L.Load(destination) + value : value, destination);
            }
        }
    }
}
