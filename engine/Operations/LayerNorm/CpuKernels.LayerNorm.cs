using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

// A row is one thread's, and so is a stretch of columns where sums go over the rows: threads change no bit.
internal sealed unsafe partial class CpuKernels
{
    private const int NormRows = 8, NormColumns = 64;

    public void LayerNormForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, Tensor statistics,
        Tensor output)
    {
        var rows = new NormalizedRows(input)
        {
            Weight = weight.Pointer(),
            Bias = bias.Pointer(),
            Epsilon = epsilon,
            Kept = statistics.Exists ? statistics.Pointer() : null,
            Output = output.Pointer(),
        };
        if (Vector512.IsHardwareAccelerated)
            RunRows(new NormForwardWork<Lanes512>(rows), rows);
        else if (Vector256.IsHardwareAccelerated)
            RunRows(new NormForwardWork<Lanes256>(rows), rows);
        else
            RunRows(new NormForwardWork<Lanes128>(rows), rows);
    }

    public void LayerNormBackwardData(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor statistics, ReadOnlyTensor outputGradient,
        bool accumulate, Tensor inputGradient)
    {
        var rows = new NormalizedRows(input)
        {
            Weight = weight.Pointer(),
            Kept = statistics.Pointer(),
            Gradient = outputGradient.Pointer(),
            Accumulates = accumulate,
            Output = inputGradient.Pointer(),
        };
        if (Vector512.IsHardwareAccelerated)
            RunRows(new NormBackwardWork<Lanes512>(rows), rows);
        else if (Vector256.IsHardwareAccelerated)
            RunRows(new NormBackwardWork<Lanes256>(rows), rows);
        else
            RunRows(new NormBackwardWork<Lanes128>(rows), rows);
    }

    public void LayerNormBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor statistics, ReadOnlyTensor outputGradient, Tensor weightGradient,
        Tensor biasGradient)
    {
        var work = new NormColumnsWork(
            new NormalizedRows(input) { Kept = statistics.Pointer(), Gradient = outputGradient.Pointer() },
            weightGradient.Pointer(), biasGradient.Pointer());
        Workers.Run(ref work, (input.Shape.Channels + NormColumns - 1) / NormColumns);
    }

    private void RunRows<T>(T work, NormalizedRows rows) where T : unmanaged, IChunkedWork =>
        Workers.Run(ref work, (int)((rows.Count + NormRows - 1) / NormRows));

    private readonly struct NormalizedRows(ReadOnlyTensor input)
    {
        public readonly float* Input = input.Pointer();
        public readonly long Count = input.Shape.Pixels;
        public readonly int Width = input.Shape.Channels;

        public float* Weight { get; init; }

        public float* Bias { get; init; }

        public float* Kept { get; init; }

        public float* Gradient { get; init; }

        public float* Output { get; init; }

        public float Epsilon { get; init; }

        public bool Accumulates { get; init; }
    }

    private readonly struct NormForwardWork<L>(NormalizedRows rows) : IChunkedWork where L : unmanaged, ILanes<L>
    {
        public void Execute(int chunk)
        {
            var end = Math.Min(rows.Count, (chunk + 1L) * NormRows);
            for (var row = (long)chunk * NormRows; row < end; row++)
                Normalize(rows.Input + (row * rows.Width), row);
        }

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Normalize(float* x, long row)
        {
            var (width, whole) = (rows.Width, rows.Width / L.Count * L.Count);
            L sums = L.Splat(0);
            for (var c = 0; c < whole; c += L.Count)
                sums += L.Load(x + c);
            double rest = 0;
            for (var c = whole; c < width; c++)
                rest += x[c];
            var mean = (float)((Total(sums) + rest) / width);
            sums = L.Splat(0);
            for (var c = 0; c < whole; c += L.Count)
            {
                var distance = L.Load(x + c) - L.Splat(mean);
                sums = L.MultiplyAdd(distance, distance, sums);
            }
            rest = 0;
            for (var c = whole; c < width; c++)
                rest += (double)(x[c] - mean) * (x[c] - mean);
            var inverse = (float)(1 / Math.Sqrt(((Total(sums) + rest) / width) + rows.Epsilon));
            if (rows.Kept != null)
                (rows.Kept[2 * row], rows.Kept[(2 * row) + 1]) = (mean, inverse);
            var y = rows.Output + (row * width);
            for (var c = 0; c < whole; c += L.Count)
                Put<L>(x, y, c, mean, inverse);
            for (var c = whole; c < width; c++)
                Put<Lanes1>(x, y, c, mean, inverse);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Put<W>(float* x, float* y, int c, float mean, float inverse) where W : unmanaged, ILanes<W>
        {
            var normalized = (W.Load(x + c) - W.Splat(mean)) * W.Splat(inverse);
            W.Store(W.MultiplyAdd(normalized, W.Load(rows.Weight + c), W.Load(rows.Bias + c)), y + c);
        }
    }

    private readonly struct NormBackwardWork<L>(NormalizedRows rows) : IChunkedWork where L : unmanaged, ILanes<L>
    {
        public void Execute(int chunk)
        {
            var end = Math.Min(rows.Count, (chunk + 1L) * NormRows);
            for (var row = (long)chunk * NormRows; row < end; row++)
                Derive(row * rows.Width, rows.Kept[2 * row], rows.Kept[(2 * row) + 1]);
        }

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Derive(long first, float mean, float inverse)
        {
            var (width, whole) = (rows.Width, rows.Width / L.Count * L.Count);
            float* x = rows.Input + first, dy = rows.Gradient + first;
            L sums = L.Splat(0), products = sums;
            for (var c = 0; c < whole; c += L.Count)
            {
                var gradient = L.Load(dy + c) * L.Load(rows.Weight + c);
                sums += gradient;
                products = L.MultiplyAdd(gradient, (L.Load(x + c) - L.Splat(mean)) * L.Splat(inverse), products);
            }
            double sum = Total(sums), product = Total(products);
            for (var c = whole; c < width; c++)
            {
                sum += dy[c] * rows.Weight[c];
                product += dy[c] * rows.Weight[c] * (x[c] - mean) * inverse;
            }
            var (ofGradient, ofNormalized) = ((float)(sum / width), (float)(product / width));
            for (var c = 0; c < whole; c += L.Count)
                Put<L>(first + c, c, mean, inverse, ofGradient, ofNormalized);
            for (var c = whole; c < width; c++)
                Put<Lanes1>(first + c, c, mean, inverse, ofGradient, ofNormalized);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Put<W>(long at, int c, float mean, float inverse, float ofGradient, float ofNormalized)
            where W : unmanaged, ILanes<W>
        {
            var normalized = (W.Load(rows.Input + at) - W.Splat(mean)) * W.Splat(inverse);
            var gradient = (W.Load(rows.Gradient + at) * W.Load(rows.Weight + c)) - W.Splat(ofGradient);
            var result = (gradient - (normalized * W.Splat(ofNormalized))) * W.Splat(inverse);
            W.Store(rows.Accumulates ? result + W.Load(rows.Output + at) : result, rows.Output + at);
        }
    }

    private readonly struct NormColumnsWork(NormalizedRows rows, float* weight, float* bias) : IChunkedWork
    {
        // Sums of so many rows are added to the total, which keeps the rounding error of long sums down.
        private const int RowsPerSum = 8;

        public void Execute(int chunk)
        {
            var (c, end) = (chunk * NormColumns, Math.Min(rows.Width, (chunk + 1) * NormColumns));
            if (Vector512.IsHardwareAccelerated)
                c = Columns<Lanes512>(c, end);
            else if (Vector256.IsHardwareAccelerated)
                c = Columns<Lanes256>(c, end);
            else
                c = Columns<Lanes128>(c, end);
            Columns<Lanes1>(c, end);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private int Columns<W>(int c, int end) where W : unmanaged, ILanes<W>
        {
            for (; c + W.Count <= end; c += W.Count)
            {
                W ofWeight = W.Splat(0), ofBias = ofWeight;
                for (long first = 0; first < rows.Count; first += RowsPerSum)
                {
                    W products = W.Splat(0), sums = products;
                    for (var row = first; row < Math.Min(rows.Count, first + RowsPerSum); row++)
                    {
                        var at = (row * rows.Width) + c;
                        var (mean, inverse) = (rows.Kept[2 * row], rows.Kept[(2 * row) + 1]);
                        var gradient = W.Load(rows.Gradient + at);
                        var normalized = (W.Load(rows.Input + at) - W.Splat(mean)) * W.Splat(inverse);
                        products = W.MultiplyAdd(gradient, normalized, products);
                        sums += gradient;
                    }
                    ofWeight += products;
                    ofBias += sums;
                }
                W.Store(ofWeight, weight + c);
                W.Store(ofBias, bias + c);
            }
            return c;
        }
    }

    // The sum of a register's values.
    private static double Total<L>(L values) where L : unmanaged, ILanes<L>
    {
        var each = stackalloc float[16];
        L.Store(values, each);
        double total = 0;
        for (var i = 0; i < L.Count; i++)
            total += each[i];
        return total;
    }
}
