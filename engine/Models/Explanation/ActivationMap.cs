namespace Flixstock.Engine;

/// <summary>
/// How much each place of a picture speaks for a class, a value for each cell of the network's last feature map. Places
/// are shares of the picture's width and height, whatever size it had before it was stretched to the network's.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public sealed class ActivationMap
{
    private readonly float[] _values;
    private readonly CellPlaces _down, _across;

    /// <summary>A map whose cells divide the picture evenly.</summary>
    /// <param name="height">Number of rows.</param>
    /// <param name="width">Number of columns.</param>
    /// <param name="values">[height, width], none below 0; kept, not copied.</param>
    /// <exception cref="ArgumentException">The array has another length.</exception>
    public ActivationMap(int height, int width, float[] values)
        : this(height, width, values, CellPlaces.Even(height), CellPlaces.Even(width))
    {
    }

    /// <summary>A map.</summary>
    /// <param name="height">Number of rows.</param>
    /// <param name="width">Number of columns.</param>
    /// <param name="values">[height, width], none below 0; kept, not copied.</param>
    /// <param name="down">Where the rows lie.</param>
    /// <param name="across">Where the columns lie.</param>
    internal ActivationMap(int height, int width, float[] values, CellPlaces down, CellPlaces across)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (values.Length != height * width)
        {
            throw new ArgumentException(
                $"{height} x {width} cells need {height * width} values, not {values.Length}", nameof(values));
        }
        (Height, Width, _values, _down, _across) = (height, width, values, down, across);
    }

    /// <summary>Number of rows of cells.</summary>
    public int Height { get; }

    /// <summary>Number of columns of cells.</summary>
    public int Width { get; }

    /// <summary>
    /// [Height, Width] share of the class' score that comes from a cell, in units of the score before sigmoid or
    /// softmax: after a head of pooling and linear layers, all cells' shares, with those below 0 that are left out
    /// here, and the bias add up to the score. Of an attention head the attention of the class' query, which adds up
    /// to 1.
    /// </summary>
    public IReadOnlyList<float> Values => _values;

    /// <summary>The largest value; 0 if no place speaks for the class.</summary>
    public float Largest => _values.Max();

    /// <summary>
    /// Middle of the highest cell, from 0 (left, top) to 1 (right, bottom) of the picture; of equal ones the first, row
    /// by row. Null if no place speaks for the class.
    /// </summary>
    public (float X, float Y)? Peak
    {
        get
        {
            var largest = Largest;
            if (!(largest > 0))
                return null;
            var (y, x) = Math.DivRem(Array.IndexOf(_values, largest), Width);
            return Middle(y, x);
        }
    }

    /// <summary>
    /// Middle of a cell, from 0 (left, top) to 1 (right, bottom) of the picture: of what the network sees there.
    /// </summary>
    /// <param name="row">Row of the cell, from 0.</param>
    /// <param name="column">Column of the cell, from 0.</param>
    public (float X, float Y) Middle(int row, int column) =>
        ((float)_across.Middle(column), (float)_down.Middle(row));

    /// <summary>
    /// A row of the map, stretched to a picture's size: linear between the middles of cells, constant outside of them.
    /// </summary>
    /// <param name="y">Row of the picture, from 0.</param>
    /// <param name="height">Height of the picture in pixels.</param>
    /// <param name="row">Gets a value for each pixel; its length is the picture's width.</param>
    public void Row(int y, int height, Span<float> row)
    {
        var (top, bottom, down) = _down.Between((y + 0.5) / height, Height);
        var above = _values.AsSpan(top * Width, Width);
        var below = _values.AsSpan(bottom * Width, Width);
        for (var x = 0; x < row.Length; x++)
        {
            var (left, right, along) = _across.Between((x + 0.5) / row.Length, Width);
            var upper = above[left] + ((above[right] - above[left]) * along);
            var lower = below[left] + ((below[right] - below[left]) * along);
            row[x] = upper + ((lower - upper) * down);
        }
    }
}
