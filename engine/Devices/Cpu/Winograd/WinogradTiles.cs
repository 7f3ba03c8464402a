namespace Flixstock.Engine;

/// <summary>The tiles of 4 x 4 pixels that cover a batch of pictures; those at the edges may reach over them.</summary>
/// <param name="pictures">Shape of the pictures.</param>
internal readonly struct WinogradTiles(Shape pictures)
{
    /// <summary>Rows and columns of tiles in a picture.</summary>
    public readonly int Down = (pictures.Height + WinogradTransform.Outputs - 1) / WinogradTransform.Outputs,
        Across = (pictures.Width + WinogradTransform.Outputs - 1) / WinogradTransform.Outputs;

    /// <summary>Number of tiles.</summary>
    public long Count => (long)pictures.Batch * Down * Across;

    /// <summary>The picture of a tile, and its first pixel's row and column.</summary>
    /// <param name="tile">Number of the tile.</param>
    public (int Picture, int Row, int Column) Locate(long tile)
    {
        var (row, column) = (tile / Across % Down, tile % Across);
        return ((int)(tile / Across / Down), (int)row * WinogradTransform.Outputs,
            (int)column * WinogradTransform.Outputs);
    }
}

/// <summary>Some tiles that are computed together, and where their transforms lie.</summary>
/// <param name="first">Number of the first tile.</param>
/// <param name="count">Number of tiles.</param>
internal readonly struct WinogradGroup(long first, int count)
{
    /// <summary>Tiles that one chunk of a transform takes.</summary>
    public const int TilesPerChunk = 4;

    // A power of two as the distance between positions would put all of a tile's values into one set of the cache.
    private const int Gap = 16;

    /// <summary>Number of the first tile.</summary>
    public readonly long First = first;

    /// <summary>Number of tiles.</summary>
    public readonly int Count = count;

    /// <summary>Chunks of a transform.</summary>
    public int Chunks => (Count + TilesPerChunk - 1) / TilesPerChunk;

    /// <summary>Tiles that memory is taken for: the products compute whole groups of rows.</summary>
    public int Rows => (Count + 11) / 12 * 12;

    /// <summary>
    /// Elements between a position's values and those of the next: [position][tile][channel], or panels of channels one
    /// after the other.
    /// </summary>
    /// <param name="channels">Number of channels.</param>
    public long Stride(int channels) => ((long)Rows * channels) + Gap;

    /// <summary>Where the values of a tile and channel are, in panels of channels: [panel][tile][width].</summary>
    /// <param name="tile">Number of the tile in the group.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="width">Channels of a panel.</param>
    public long InPanels(int tile, int channel, int width) =>
        (((long)(channel / width) * Rows) + tile) * width + (channel % width);
}
