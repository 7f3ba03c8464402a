using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void BlurPoolForward(ReadOnlyTensor input, Tensor output) =>
        Sweep(
            new BlurPoolKernel(input.Shape, output.Shape, input.Pointer(), output.Pointer()),
            output.Shape.Batch * output.Shape.Height, output.Shape.Channels);

    public void BlurPoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var shape = inputGradient.Shape;
        var kernel = new BlurPoolGradientKernel(
            shape, outputGradient.Shape, outputGradient.Pointer(), accumulate, inputGradient.Pointer());
        Sweep(kernel, shape.Batch * shape.Height, shape.Channels);
    }

    // A unit is an output row: column sums u + 2 v + w of its three input rows, each used by two output pixels or by
    // one.
    private readonly struct BlurPoolKernel(Shape input, Shape output, float* x, float* y) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var (n, p) = (unit / output.Height, unit % output.Height);
            var picture = x + (long)n * input.PixelsPerPicture * input.Channels + channel;
            var rowLength = (long)input.Width * input.Channels;
            var middle = picture + 2 * p * rowLength;
            var upper = picture + (p == 0 ? 1 : 2 * p - 1) * rowLength;
            var lower = picture + (2 * p + 1 < input.Height ? 2 * p + 1 : input.Height - 2) * rowLength;
            var destination = y + (long)unit * output.Width * output.Channels + channel;
            var (two, share) = (L.Splat(2), L.Splat(1f / 16));
            var left = Column<L>(upper, middle, lower, input.Channels);
            for (var q = 0; q < output.Width; q++, destination += output.Channels)
            {
                var centre = Column<L>(upper, middle, lower, 2L * q * input.Channels);
                var right = Column<L>(
                    upper, middle, lower, (2 * q + 1 < input.Width ? 2L * q + 1 : input.Width - 2) * input.Channels);
                L.Store(L.MultiplyAdd(two, centre, left + right) * share, destination);
                left = right;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static L Column<L>(float* upper, float* middle, float* lower, long at) where L : struct, ILanes<L> =>
            L.MultiplyAdd(L.Splat(2), L.Load(middle + at), L.Load(upper + at) + L.Load(lower + at));
    }

    // A unit is an input row. An even row lies in the middle of one window; an odd one at the edge of two, and counts
    // twice in one of them if that one
    // reflects: row 1 takes the place of row -1, row H - 2 that of row H. The same along the row.
    private readonly struct BlurPoolGradientKernel(Shape input, Shape output, float* dy, bool accumulate, float* dx)
        : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var (n, h) = (unit / input.Height, unit % input.Height);
            var (before, after) = Weights(h, input.Height, output.Height);
            var (weightBefore, weightAfter) = (L.Splat(before / 16), L.Splat(after / 16));
            var upper = dy + ((long)n * output.Height + h / 2) * output.Width * output.Channels + channel;
            var lower = after == 0 ? upper : upper + (long)output.Width * output.Channels;
            var destination = dx + (long)unit * input.Width * input.Channels + channel;
            var current = Column(upper, lower, weightBefore, weightAfter);
            for (var w = 0; w < input.Width; w += 2, destination += 2 * input.Channels)
            {
                Put(current + current, destination);
                if (w + 1 == input.Width)
                    break;
                (before, after) = Weights(w + 1, input.Width, output.Width);
                var value = L.Splat(before) * current;
                if (after != 0)
                {
                    var at = (w / 2 + 1) * (long)output.Channels;
                    current = Column(upper + at, lower + at, weightBefore, weightAfter);
                    value = L.MultiplyAdd(L.Splat(after), current, value);
                }
                Put(value, destination + input.Channels);
            }
        }

        // How often the windows before and after a position count it; a middle counts twice.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static (float Before, float After) Weights(int position, int extent, int windows) => position % 2 == 0
            ? (2, 0)
            : (position == 1 ? 2 : 1, position / 2 + 1 == windows ? 0 : position == extent - 2 ? 2 : 1);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static L Column<L>(float* upper, float* lower, L weightUpper, L weightLower)
            where L : struct, ILanes<L> =>
            L.MultiplyAdd(weightUpper, L.Load(upper), weightLower * L.Load(lower));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Put<L>(L value, float* destination) where L : struct, ILanes<L> =>
            L.Store(accumulate ? L.Load(destination) + value : value, destination);
    }
}
