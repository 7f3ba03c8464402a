using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

// Small products of many pairs of matrices, straight from where they lie: for those a packed product would cost more
// than it saves.
internal sealed unsafe partial class CpuKernels
{
    // Rows that share what is read of the right matrix: as many sums as hide the latency of one addition.
    private const int ProductRows = 8;

    private static int ProductBlocks(int rows) => (rows + ProductRows - 1) / ProductRows;

    /// <summary>A matrix of each product: element (i, j) of product number outer * inners + inner.</summary>
    private readonly struct MatrixView(float* first, long perOuter, long perInner, long perRow, long perColumn)
    {
        public float* At(int outer, int inner, long row) => first + outer * perOuter + inner * perInner + row * perRow;

        public long PerRow => perRow;

        public long PerColumn => perColumn;
    }

    /// <summary>
    /// c = factor * a * b (+ c) for each product; columns of b and c lie side by side. A unit is a block of rows of a
    /// product. Every element is summed in the order of the depth, so its bits depend on that alone.
    /// </summary>
    private readonly struct ProductKernel(
        MatrixView a, MatrixView b, MatrixView c, int inners, int rows, int depth, float factor,
        bool accumulate = false) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var blocks = ProductBlocks(rows);
            var (item, first) = (unit / blocks, unit % blocks * ProductRows);
            var (outer, inner) = (item / inners, item % inners);
            var right = b.At(outer, inner, 0) + channel;
            if (first + ProductRows <= rows)
            {
                Block<L>(a.At(outer, inner, first), right, c.At(outer, inner, first) + channel);
                return;
            }
            for (var row = first; row < rows; row++)
                Row<L>(a.At(outer, inner, row), right, c.At(outer, inner, row) + channel);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Row<L>(float* left, float* right, float* destination) where L : struct, ILanes<L>
        {
            var sum = L.Splat(0);
            for (var k = 0; k < depth; k++, left += a.PerColumn, right += b.PerRow)
                sum = L.MultiplyAdd(L.Splat(*left), L.Load(right), sum);
            Keep(sum, destination);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Block<L>(float* left, float* right, float* destination) where L : struct, ILanes<L>
        {
            L s0 = L.Splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
            var row = a.PerRow;
            for (var k = 0; k < depth; k++, left += a.PerColumn, right += b.PerRow)
            {
                var shared = L.Load(right);
                s0 = L.MultiplyAdd(L.Splat(left[0]), shared, s0);
                s1 = L.MultiplyAdd(L.Splat(left[row]), shared, s1);
                s2 = L.MultiplyAdd(L.Splat(left[2 * row]), shared, s2);
                s3 = L.MultiplyAdd(L.Splat(left[3 * row]), shared, s3);
                s4 = L.MultiplyAdd(L.Splat(left[4 * row]), shared, s4);
                s5 = L.MultiplyAdd(L.Splat(left[5 * row]), shared, s5);
                s6 = L.MultiplyAdd(L.Splat(left[6 * row]), shared, s6);
                s7 = L.MultiplyAdd(L.Splat(left[7 * row]), shared, s7);
            }
            Keep(s0, destination);
            Keep(s1, destination + c.PerRow);
            Keep(s2, destination + 2 * c.PerRow);
            Keep(s3, destination + 3 * c.PerRow);
            Keep(s4, destination + 4 * c.PerRow);
            Keep(s5, destination + 5 * c.PerRow);
            Keep(s6, destination + 6 * c.PerRow);
            Keep(s7, destination + 7 * c.PerRow);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Keep<L>(L sum, float* destination) where L : struct, ILanes<L>
        {
            var value = sum * L.Splat(factor);
            L.Store(accumulate ? L.Load(destination) + value : value, destination);
        }
    }

    // [count, rows, columns] as [count, columns, rows], in scratch memory of this slot.
    private float* Turned(float* source, int count, int rows, int columns, int slot)
    {
        var turned = Scratch.Floats(slot, (long)count * rows * columns);
        var work = new TurnWork(source, rows, columns, turned);
        Workers.Run(ref work, count * TurnWork.Blocks(columns));
        return turned;
    }

    private readonly struct TurnWork(float* source, int rows, int columns, float* destination) : IChunkedWork
    {
        private const int Width = 16; // a line of the cache

        public static int Blocks(int columns) => (columns + Width - 1) / Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int chunk)
        {
            var (matrix, first) = ((long)(chunk / Blocks(columns)) * rows * columns, chunk % Blocks(columns) * Width);
            var end = Math.Min(columns, first + Width);
            for (var row = 0; row < rows; row++)
            {
                for (var column = first; column < end; column++)
                    destination[matrix + ((long)column * rows) + row] = source[matrix + ((long)row * columns) + column];
            }
        }
    }
}
