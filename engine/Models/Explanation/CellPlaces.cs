namespace Flixstock.Engine;

/// <summary>Where the cells of a map lie along one side of a picture, as shares of it.</summary>
/// <param name="First">Middle of the first cell.</param>
/// <param name="Distance">From one middle to the next.</param>
internal readonly record struct CellPlaces(double First, double Distance)
{
    /// <summary>Cells that divide the side evenly.</summary>
    public static CellPlaces Even(int cells) => new(0.5 / cells, 1.0 / cells);

    /// <summary>Cells that lie on the pixels of a picture's side.</summary>
    public static CellPlaces Of(PixelGrid grid, int pixels) =>
        new((grid.First + 0.5) / pixels, (double)grid.Stride / pixels);

    /// <summary>Middle of a cell, inside of the picture.</summary>
    public double Middle(int cell) => Math.Clamp(First + (cell * Distance), 0, 1);

    /// <summary>The two cells between whose middles a place lies, and its share of the way between them.</summary>
    /// <param name="place">Share of the side.</param>
    /// <param name="cells">Number of cells.</param>
    public (int Before, int After, float Share) Between(double place, int cells)
    {
        var position = Math.Clamp((place - First) / Distance, 0, cells - 1);
        var before = (int)position;
        return (before, Math.Min(before + 1, cells - 1), (float)(position - before));
    }
}
