using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    private const int TurnedSlot = 0;

    // About as many elements a chunk as cost more than handing it out.
    private const int SoftmaxUnit = 4096;

    public void AttentionWeightsForward(ReadOnlyTensor query, ReadOnlyTensor key, int heads, Tensor probabilities)
    {
        AttentionScores(query, key, heads, AttentionScale(query, heads), probabilities);
        Softmax(probabilities, backward: null);
    }

    public void AttentionWeightsBackward(
        ReadOnlyTensor query, ReadOnlyTensor key, ReadOnlyTensor probabilities, int heads,
        Tensor probabilitiesGradient, Tensor queryGradient, Tensor keyGradient)
    {
        Softmax(probabilitiesGradient, probabilities.Pointer());
        var scale = AttentionScale(query, heads);
        if (queryGradient.Exists)
            WeightedSum(probabilitiesGradient, key, heads, scale, turned: false, queryGradient);
        if (keyGradient.Exists)
            WeightedSum(probabilitiesGradient, query, heads, scale, turned: true, keyGradient);
    }

    public void AttentionValuesForward(ReadOnlyTensor probabilities, ReadOnlyTensor value, int heads, Tensor output) =>
        WeightedSum(probabilities, value, heads, factor: 1, turned: false, output);

    public void AttentionValuesBackward(
        ReadOnlyTensor probabilities, ReadOnlyTensor value, ReadOnlyTensor outputGradient, int heads,
        Tensor probabilitiesGradient, Tensor valueGradient)
    {
        if (probabilitiesGradient.Exists)
            AttentionScores(outputGradient, value, heads, factor: 1, probabilitiesGradient);
        if (valueGradient.Exists)
            WeightedSum(probabilities, outputGradient, heads, factor: 1, turned: true, valueGradient);
    }

    private static float AttentionScale(ReadOnlyTensor query, int heads) =>
        (float)(1 / Math.Sqrt(query.Shape.Channels / heads));

    // Registers lie along the pixels, so the right tensor is turned first: [N, D, S].
    private void AttentionScores(ReadOnlyTensor left, ReadOnlyTensor right, int heads, float factor, Tensor scores)
    {
        var (pictures, queries, pixels, width) =
            (left.Shape[0], left.Shape[1], right.Shape[1], left.Shape.Channels / heads);
        var turned = Turned(right.Pointer(), pictures, pixels, right.Shape.Channels, TurnedSlot);
        var columns = new MatrixView(turned, (long)right.Shape.Channels * pixels, (long)width * pixels, pixels, 1);
        var kernel = new ProductKernel(
            HeadRows(left.Pointer(), left.Shape, heads), columns, Weights(scores, turned: false), heads, queries, width,
            factor);
        Sweep(kernel, pictures * heads * ProductBlocks(queries), pixels);
    }

    // sums[l] = factor * sum over s of weights[l, s] * source[s], or, turned, sums[s] over l.
    private void WeightedSum(
        ReadOnlyTensor weights, ReadOnlyTensor source, int heads, float factor, bool turned, Tensor sums)
    {
        var (rows, depth) = (sums.Shape[1], source.Shape[1]);
        var kernel = new ProductKernel(
            Weights(weights, turned), HeadRows(source.Pointer(), source.Shape, heads),
            HeadRows(sums.Pointer(), sums.Shape, heads), heads, rows, depth, factor);
        Sweep(kernel, sums.Shape[0] * heads * ProductBlocks(rows), sums.Shape.Channels / heads);
    }

    // [N, R, D]: a head's columns of each picture.
    private static MatrixView HeadRows(float* tensor, Shape shape, int heads) =>
        new(tensor, (long)shape[1] * shape[2], shape[2] / heads, shape[2], 1);

    // [N, heads, L, S], or, turned, its pixels as rows.
    private static MatrixView Weights(ReadOnlyTensor weights, bool turned)
    {
        var (queries, pixels) = (weights.Shape[2], weights.Shape[3]);
        var perHead = (long)queries * pixels;
        return turned
            ? new(weights.Pointer(), weights.Shape[1] * perHead, perHead, 1, pixels)
            : new(weights.Pointer(), weights.Shape[1] * perHead, perHead, pixels, 1);
    }

    // Of every row in place: the scores', or, with probabilities, the gradient's.
    private void Softmax(Tensor rows, float* backward)
    {
        var (count, length) = (rows.Shape.Pixels, rows.Shape.Channels);
        var perUnit = Math.Max(1, SoftmaxUnit / length);
        var work = new SoftmaxWork(rows.Pointer(), backward, count, length, perUnit);
        Workers.Run(ref work, (int)((count + perUnit - 1) / perUnit));
    }

    private readonly struct SoftmaxWork(float* rows, float* probabilities, long count, int length, int perUnit)
        : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var end = Math.Min(count, (long)(chunk + 1) * perUnit);
            for (var row = (long)chunk * perUnit; row < end; row++)
            {
                var values = rows + row * length;
                if (probabilities is null)
                    Forward(values);
                else
                    Backward(probabilities + row * length, values);
            }
        }

        // A value that is not a number makes the sum and so its whole row none.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Forward(float* values)
        {
            var largest = float.NegativeInfinity;
            for (var i = 0; i < length; i++)
                largest = values[i] > largest ? values[i] : largest;
            Sweep(new ExponentialKernel(values, largest));
            double even = 0, odd = 0; // two sums, because one would wait for each addition
            for (var i = 0; i + 1 < length; i += 2)
                (even, odd) = (even + values[i], odd + values[i + 1]);
            if (length % 2 != 0)
                even += values[length - 1];
            Sweep(new RowKernel(values, values, (float)(1 / (even + odd)), 0));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Backward(float* p, float* values)
        {
            double even = 0, odd = 0;
            for (var i = 0; i + 1 < length; i += 2)
                (even, odd) = (even + (double)p[i] * values[i], odd + (double)p[i + 1] * values[i + 1]);
            if (length % 2 != 0)
                even += (double)p[length - 1] * values[length - 1];
            Sweep(new RowKernel(p, values, 1, (float)(even + odd)));
        }

        private void Sweep<T>(T kernel) where T : unmanaged, IChannelKernel =>
            new ChannelSweep<T>(kernel, length).Execute(0);
    }

    private readonly struct ExponentialKernel(float* values, float largest) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L> =>
            L.Store(VectorMath.Exp(L.Load(values + channel) - L.Splat(largest)), values + channel);
    }

    // values *= share in the forward pass; values = p * (values - sum) in the backward pass, where p is another row.
    private readonly struct RowKernel(float* p, float* values, float share, float sum) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var factor = p == values ? L.Splat(share) : L.Load(p + channel);
            L.Store(factor * (L.Load(values + channel) - L.Splat(sum)), values + channel);
        }
    }
}
