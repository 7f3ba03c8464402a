namespace Flixstock.Engine;

/// <summary>
/// Where the cells of the last feature map lie on the picture. They do not divide it evenly: a cell of a convolution or
/// a blur with stride 2 lies on every second pixel, one of a pool of 2 x 2 between two.
/// </summary>
internal static class FeatureGrid
{
    /// <summary>The middles of the cells, in pixels of the network's input.</summary>
    /// <param name="network">The network.</param>
    /// <param name="plan">A plan of it, for the shapes of its values.</param>
    public static PixelGrid Of(FoldedNetwork network, FoldedPlan plan)
    {
        var grids = new PixelGrid[network.Features + 1]; // of the values
        grids[0] = PixelGrid.Same;
        for (var i = 0; i < network.Features; i++)
            grids[i + 1] = After(network.Steps[i], grids, plan);
        return grids[^1];
    }

    // Where two ways meet that lie half a pixel apart, as those of a residual block with a pool in its shortcut, what
    // is seen lies between them. Vectors, as those of gates, lie nowhere.
    private static PixelGrid After(FoldedStep step, PixelGrid[] grids, FoldedPlan plan)
    {
        var ways = step.Inputs.Index().Where(one => plan.ShapeOf(one.Item).Rank == 4)
            .Select(one => grids[one.Item].Then(step.Grid(one.Index))).ToList();
        return ways.Count == 0 ? PixelGrid.Same : new PixelGrid(ways.Average(way => way.First), ways[0].Stride);
    }
}
