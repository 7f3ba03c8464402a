namespace Flixstock.Engine;

/// <summary>
/// Charts as SVG. Their colours are classes, which the style sheet of the page or of the file explains.
/// </summary>
internal sealed class SvgPaper : IChartPaper
{
    private readonly Markup _markup = new();

    /// <summary>A chart as an element of a page that contains <see cref="ChartStyle.Css"/>.</summary>
    public static Markup Of(IChart chart)
    {
        var paper = new SvgPaper();
        chart.Draw(paper);
        return new Markup()
            .Add(((Markup)$"<svg class=\"chart\" viewBox=\"0 0 {chart.Width} {chart.Height}\" ").With(
                $"role=\"img\" aria-label=\"{chart.Title}\">"))
            .Add(paper._markup)
            .Add($"</svg>");
    }

    /// <summary>A chart as a file of its own.</summary>
    public static string File(IChart chart)
    {
        var paper = new SvgPaper();
        chart.Draw(paper);
        return new Markup()
            .Add(((Markup)$"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" ")
                .With($"aria-label=\"{chart.Title}\" width=\"{chart.Width}\" height=\"{chart.Height}\" ")
                .With($"viewBox=\"0 0 {chart.Width} {chart.Height}\" ")
                .With($"font-family=\"'DejaVu Sans', Verdana, sans-serif\">"))
            .Add(((Markup)$"<style>\n").AddTrusted(ChartStyle.Css).With($"</style>"))
            .Add($"<rect class=\"paper\" width=\"100%\" height=\"100%\"/>")
            .Add(paper._markup)
            .Add($"</svg>")
            .ToString();
    }

    public void At(double x, double y, Action draw)
    {
        _markup.Add($"<g transform=\"translate({x:0.#} {y:0.#})\">");
        draw();
        _markup.Add($"</g>");
    }

    public void Line(string style, string path) => _markup.Add($"<path class=\"{style}\" d=\"{path}\"/>");

    public void Dot(string tone, double x, double y, string tip) => _markup.Add(
        ((Markup)$"<circle class=\"dot {tone}\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"3\">").With(Tip(tip)).With(
            $"</circle>"));

    public void Box(
        string tone, (double X, double Y, double Width, double Height) place, double opacity, string tip) =>
        _markup.Add(
        ((Markup)$"<rect class=\"box {tone}\" x=\"{place.X:0.#}\" y=\"{place.Y:0.#}\" width=\"{place.Width:0.##}\" ")
            .With($"height=\"{place.Height:0.#}\"")
            .With(opacity < 1 ? (Markup)$" fill-opacity=\"{opacity:0.##}\">" : $">")
            .With(Tip(tip)).With($"</rect>"));

    public void Text(string style, TextPlace place, string text) => _markup.Add(
        ((Markup)$"<text class=\"{style}\" x=\"{place.X:0.#}\" y=\"{place.Y:0.#}\"")
            .With(place.Anchor switch
            {
                TextAnchor.Middle => $" text-anchor=\"middle\"",
                TextAnchor.End => $" text-anchor=\"end\"",
                _ => Markup.None,
            })
            .With(place.Upright ? (Markup)$" transform=\"rotate(-90 {place.X:0.#} {place.Y:0.#})\">" : $">")
            .With($"{text}</text>"));

    private static Markup Tip(string tip) => tip.Length > 0 ? $"<title>{tip}</title>" : Markup.None;
}
