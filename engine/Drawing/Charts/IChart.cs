namespace Flixstock.Engine;

/// <summary>A chart that can be drawn as SVG or as pixels.</summary>
internal interface IChart
{
    /// <summary>What it shows, for those who cannot see it.</summary>
    string Title { get; }

    /// <summary>Width in pixels.</summary>
    int Width { get; }

    /// <summary>Height in pixels.</summary>
    int Height { get; }

    /// <summary>Draws everything; the chart's upper left corner is (0, 0).</summary>
    void Draw(IChartPaper paper);
}
