using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>The colours of a chart, as #rrggbb or #rgb.</summary>
/// <param name="Paper">What it is drawn on.</param>
/// <param name="Ink">Titles and notes.</param>
/// <param name="Quiet">Ticks and names of axes.</param>
/// <param name="Grid">Lines that the eye follows to a tick.</param>
/// <param name="Axis">Axes, marks, and what is not in question.</param>
/// <param name="Tones">The series.</param>
internal sealed record ChartPalette(
    string Paper, string Ink, string Quiet, string Grid, string Axis, IReadOnlyList<string> Tones)
{
    /// <summary>
    /// On white: Okabe and Ito's colours, which people with any colour vision tell apart, darkened where text in them
    /// must be read.
    /// </summary>
    public static readonly ChartPalette Light = new(
        "#ffffff", "#1c2026", "#5c6570", "#d9dee4", "#8b949f",
        ["#0072b2", "#d55e00", "#009e73", "#a8528a", "#9a6a00", "#3a8fc4", "#7a7a00", "#444444"]);

    /// <summary>The same on a dark page.</summary>
    public static readonly ChartPalette Dark = new(
        "#14171b", "#e6e9ed", "#9aa4b0", "#2c323a", "#6b7480",
        ["#56b4e9", "#f08a3c", "#2fc49a", "#d990bf", "#e69f00", "#8fc9f0", "#f0e442", "#bbbbbb"]);

    /// <summary>Colour of a tone; <c>quiet</c> is that of axes.</summary>
    public string Of(string tone) => tone switch
    {
        "ink" => Ink,
        "quiet" => Axis,
        _ => Tones[int.Parse(tone.AsSpan(1), CultureInfo.InvariantCulture)],
    };
}

/// <summary>The one look of all charts: sizes, widths of lines, and the colours as a style sheet.</summary>
internal static class ChartStyle
{
    /// <summary>Height of text in pixels.</summary>
    public const int TextSize = 12, TitleSize = 15;

    /// <summary>Width of the paper-coloured edge of text that lies over lines, in pixels.</summary>
    public const int Halo = 4;

    private static readonly string[] Named = ["ink", "quiet"];

    /// <summary>
    /// Rules for SVG within a page or in a file: light, dark where the reader asks for it, and light on paper.
    /// </summary>
    public static string Css { get; } = Shapes
        + Colours(ChartPalette.Light)
        + $"@media (prefers-color-scheme: dark) {{\n{Colours(ChartPalette.Dark)}}}\n"
        + $"@media print {{\n{Colours(ChartPalette.Light)}}}\n";

    // Explicit colours and no variables: programs that draw SVG files know little of CSS.
    private static string Shapes => $$"""
        .chart text { font-size: {{TextSize}}px; }
        .chart .title { font-size: {{TitleSize}}px; font-weight: 600; }
        .chart path { fill: none; stroke-width: 1; }
        .chart .mark { stroke-dasharray: 3 3; }
        .chart .note, .chart .end { paint-order: stroke; stroke-width: {{Halo}}px; stroke-linejoin: round; }
        .chart .line { stroke-width: 2; stroke-linejoin: round; }
        .chart .thin { stroke-width: 1; opacity: .75; }
        .chart .thin.ink { opacity: .4; }
        .chart .dashed { stroke-dasharray: 4 4; stroke-width: 1; }

        """;

    /// <summary>Width, opacity and dashes of a line.</summary>
    public static (float Width, float Opacity, float Dash) LineOf(string style)
    {
        var parts = style.Split(' ');
        return (
            parts.Contains("line") && !parts.Contains("thin") && !parts.Contains("dashed") ? 2 : 1,
            !parts.Contains("thin") ? 1 : parts.Contains("ink") ? 0.4f : 0.75f,
            parts.Contains("dashed") ? 4 : parts.Contains("mark") ? 3 : 0);
    }

    /// <summary>Colour of a line or a text.</summary>
    public static string ColourOf(string style, ChartPalette palette)
    {
        var parts = style.Split(' ');
        return parts[0] switch
        {
            "axis" or "mark" => palette.Axis,
            "grid" => palette.Grid,
            "title" or "note" or "value" => palette.Ink,
            "tick" or "name" => palette.Quiet,
            _ => palette.Of(parts.First(part => IsTone(part))),
        };
    }

    private static bool IsTone(string part) =>
        Named.Contains(part) || (part is ['t', _] && char.IsAsciiDigit(part[1]));

    private static string Colours(ChartPalette palette)
    {
        var css = new StringBuilder()
            .Append($".chart .paper {{ fill: {palette.Paper}; }}\n")
            .Append($".chart text {{ fill: {palette.Quiet}; }}\n")
            .Append($".chart .title, .chart .note, .chart .value {{ fill: {palette.Ink}; }}\n")
            .Append($".chart .axis, .chart .mark {{ stroke: {palette.Axis}; }}\n")
            .Append($".chart .grid {{ stroke: {palette.Grid}; }}\n")
            .Append($".chart .note, .chart .end {{ stroke: {palette.Paper}; }}\n");
        foreach (var tone in Named.Concat(Enumerable.Range(0, palette.Tones.Count).Select(i => $"t{i}")))
        {
            var colour = palette.Of(tone);
            css.Append($".chart .line.{tone} {{ stroke: {colour}; }}\n")
                .Append($".chart .dot.{tone}, .chart .box.{tone}, .chart .end.{tone} {{ fill: {colour}; }}\n")
                .Append($"a.end.{tone} {{ color: {colour}; }}\n");
        }
        return css.ToString();
    }
}
