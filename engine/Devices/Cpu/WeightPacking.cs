using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// Brings KRSC weights into the order <see cref="GatherGemm{L}"/> reads: [column block][tap][depth][block columns],
/// zeros after the last column. Forward: columns are outputs, depth is inputs. Backward data: columns are inputs, depth
/// is outputs. A chunk is a column block.
/// </summary>
internal readonly unsafe struct WeightPacking(
    Shape weight, bool transposed, int blockColumns, float* source, float* packed) : IChunkedWork
{
    private readonly int _taps = weight.Height * weight.Width;

    /// <summary>Columns of the product.</summary>
    public int Columns => transposed ? weight.Channels : weight.Batch;

    /// <summary>Depth of the product.</summary>
    public int Depth => transposed ? weight.Batch : weight.Channels;

    /// <summary>Column blocks.</summary>
    public int Blocks => (Columns + blockColumns - 1) / blockColumns;

    /// <summary>Number of floats in all blocks.</summary>
    public long Count => (long)Blocks * _taps * Depth * blockColumns;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int chunk)
    {
        var destination = packed + (long)chunk * _taps * Depth * blockColumns;
        var first = chunk * blockColumns;
        var count = Math.Min(blockColumns, Columns - first);
        if (count < blockColumns)
            new Span<float>(destination, _taps * Depth * blockColumns).Clear();
        if (transposed)
            CopyInputs(destination, first, count);
        else
            CopyOutputs(destination, first, count);
    }

    // packed[tap][k][j] = w[k][tap][first + j]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyInputs(float* destination, int first, int count)
    {
        for (var k = 0; k < weight.Batch; k++)
        {
            for (var tap = 0; tap < _taps; tap++)
            {
                var row = new ReadOnlySpan<float>(source + ((long)k * _taps + tap) * weight.Channels + first, count);
                row.CopyTo(new Span<float>(destination + ((long)tap * weight.Batch + k) * blockColumns, count));
            }
        }
    }

    // packed[tap][c][j] = w[first + j][tap][c], a cache line of each row at a time: the whole row at once would touch a
    // line for every value it writes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyOutputs(float* destination, int first, int count)
    {
        const int Line = 16;
        var length = _taps * weight.Channels;
        for (var start = 0; start < length; start += Line)
        {
            var end = Math.Min(start + Line, length);
            for (var j = 0; j < count; j++)
            {
                var row = source + (long)(first + j) * length;
                var to = destination + (long)start * blockColumns + j;
                for (var i = start; i < end; i++, to += blockColumns)
                    *to = row[i];
            }
        }
    }
}
