namespace Flixstock.Engine;

/// <summary>
/// The grid of one mixed picture and what lies in it. The shares are those of the published program (Wang et al.,
/// "SpliceMix: A Cross-scale and Semantic Blending Augmentation Strategy for Multi-label Image Classification"), which
/// draws one grid for all mixed pictures of a batch; here each has its own.
/// </summary>
/// <param name="Rows">Tiles from top to bottom.</param>
/// <param name="Columns">Tiles from left to right.</param>
internal readonly record struct SpliceTiles(int Rows, int Columns)
{
    /// <summary>Tiles of the largest grid.</summary>
    public const int Most = 6;

    /// <summary>What stands for a tile that stays black.</summary>
    public const int Empty = -1;

    private const double Pairs = 0.3, Squares = 0.4, Emptied = 0.3; // the rest of the grids is 2 x 3

    /// <summary>Number of tiles.</summary>
    public int Count => Rows * Columns;

    /// <summary>Draws a grid and what lies in it; at least one tile is not empty.</summary>
    /// <param name="random">Generator for this mixed picture.</param>
    /// <param name="pictures">Number of pictures to choose from, at least one.</param>
    /// <param name="tiles">
    /// [<see cref="Most"/>] overwritten: in every tile a picture, no picture twice as long as there are others;
    /// <see cref="Empty"/> in those that stay black and behind the last.
    /// </param>
    public static SpliceTiles Draw(SeededRandom random, int pictures, Span<int> tiles)
    {
        // Each decision has its generator, so that one change does not shift another's numbers.
        var (grid, turned) = (random.Derive("grid").NextDouble(), random.Derive("turned").NextBool());
        var drawn = grid < Pairs ? new SpliceTiles(1, 2)
            : grid < Pairs + Squares ? new SpliceTiles(2, 2)
            : new SpliceTiles(2, 3);
        if (turned)
            drawn = new SpliceTiles(drawn.Columns, drawn.Rows);
        var own = tiles[..drawn.Count];
        tiles[drawn.Count..].Fill(Empty);
        var choice = random.Derive("pictures");
        for (var tile = 0; tile < own.Length; tile++)
        {
            var others = own[(tile / pictures * pictures)..tile];
            do
                own[tile] = choice.Next(pictures);
            while (others.Contains(own[tile]));
        }
        var removal = random.Derive("empty");
        if (!removal.NextBool(Emptied))
            return drawn;
        for (var left = removal.Next(1, own.Length); left > 0; left--)
        {
            var tile = removal.Next(own.Length);
            while (own[tile] == Empty)
                tile = (tile + 1) % own.Length;
            own[tile] = Empty;
        }
        return drawn;
    }
}
