namespace Flixstock.Engine;

/// <summary>Where a text stands.</summary>
/// <param name="X">Pixels from the left.</param>
/// <param name="Y">Its baseline, in pixels from the top.</param>
/// <param name="Anchor">What lies at X.</param>
/// <param name="Upright">It is read from below to above.</param>
internal readonly record struct TextPlace(
    double X, double Y, TextAnchor Anchor = TextAnchor.Start, bool Upright = false);

/// <summary>The point of a text that its place says.</summary>
internal enum TextAnchor
{
    /// <summary>Its beginning.</summary>
    Start,

    /// <summary>Its middle.</summary>
    Middle,

    /// <summary>Its end.</summary>
    End,
}

/// <summary>
/// What charts are drawn on. Styles are names that <see cref="ChartStyle"/> explains: <c>t0</c> to <c>t7</c>,
/// <c>ink</c> and <c>quiet</c> are colours; <c>thin</c> and <c>dashed</c> are lines; <c>axis</c>, <c>grid</c>,
/// <c>mark</c>, <c>tick</c>, <c>name</c>, <c>note</c>, <c>end</c> and <c>title</c> are parts of a chart.
/// </summary>
internal interface IChartPaper
{
    /// <summary>Draws something with another origin.</summary>
    /// <param name="x">Pixels to the right.</param>
    /// <param name="y">Pixels down.</param>
    /// <param name="draw">Draws it.</param>
    void At(double x, double y, Action draw);

    /// <summary>A line that is not filled.</summary>
    /// <param name="style">Names of its style.</param>
    /// <param name="path">An SVG path of the commands M, L, H and V.</param>
    void Line(string style, string path);

    /// <summary>A filled circle of 3 pixels' radius.</summary>
    /// <param name="tone">Its colour.</param>
    /// <param name="x">Middle, pixels from the left.</param>
    /// <param name="y">Middle, pixels from the top.</param>
    /// <param name="tip">What is said of it when somebody points at it; empty: nothing.</param>
    void Dot(string tone, double x, double y, string tip);

    /// <summary>A filled rectangle.</summary>
    /// <param name="tone">Its colour.</param>
    /// <param name="place">Pixels from the left and from the top, width and height.</param>
    /// <param name="opacity">0 to 1.</param>
    /// <param name="tip">What is said of it when somebody points at it; empty: nothing.</param>
    void Box(string tone, (double X, double Y, double Width, double Height) place, double opacity, string tip);

    /// <summary>A line of text.</summary>
    /// <param name="style">Names of its style.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="text">The text.</param>
    void Text(string style, TextPlace place, string text);
}
