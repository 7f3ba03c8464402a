namespace Flixstock.Engine;

/// <summary>
/// A chart as SVG: thin axes, names at the ends of lines instead of a legend. Colours are classes (<c>t0</c> to
/// <c>t7</c>, <c>quiet</c>) that the page's style sheet defines, so that light, dark and print need no other chart.
/// </summary>
/// <param name="title">What it shows, for those who cannot see it.</param>
/// <param name="x">The horizontal axis.</param>
/// <param name="y">The vertical axis.</param>
/// <param name="width">Width in pixels.</param>
/// <param name="height">Height in pixels.</param>
internal sealed class Chart(string title, ChartAxis x, ChartAxis y, int width = 460, int height = 270)
{
    private const double MostOfLabels = 0.4;

    // Nothing smaller is seen, and a run may have a million steps.
    private const double LeastMove = 0.7;

    private readonly List<(double X, double Y, string Tone, string Name)> _ends = [];
    private readonly List<Func<Markup>> _shapes = [];
    private double _left, _right; // known when all lines are

    private double Top => y.Name.Length > 0 ? 26 : 8;

    private double Bottom => x.Name.Length > 0 ? 34 : 20;

    private double LeftOfAxis =>
        12 + (ChartLabels.CharacterWidth * y.Ticks().Select(tick => tick.Text.Length).DefaultIfEmpty().Max());

    private double RightOfAxis => _ends.Count == 0
        ? 14
        : Math.Min(
            width * MostOfLabels,
            14 + (ChartLabels.CharacterWidth * _ends.Max(end => ChartLabels.Short(end.Name).Length)));

    /// <summary>Adds a line; a value that is not finite leaves a gap.</summary>
    /// <param name="points">The points from left to right.</param>
    /// <param name="tone">Class of its colour, perhaps with <c>thin</c> or <c>dashed</c>.</param>
    /// <param name="name">Name at its end; null: none.</param>
    /// <param name="steps">Go up or down first, then to the right: as a sum over ranks is drawn.</param>
    /// <param name="dots">Also mark the points, with their values to point at.</param>
    public Chart Line(
        IReadOnlyList<(double X, double Y)> points, string tone, string? name = null, bool steps = false,
        bool dots = false)
    {
        var known = points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y)).ToList();
        if (known.Count == 0)
            return this;
        if (name is not null)
            _ends.Add((known[^1].X, known[^1].Y, tone, name));
        _shapes.Add(() => $"<path class=\"line {tone}\" d=\"{Path(points, steps)}\"/>");
        if (dots || known.Count == 1)
            _shapes.Add(() => Markup.Join(known.Select(point => Dot(point.X, point.Y, tone, name ?? title))));
        return this;
    }

    /// <summary>Adds a point with a name to point at and, where they are finite, a line from low to high.</summary>
    public Chart Point(double at, double value, double low, double high, string tone, string name)
    {
        if (double.IsFinite(low) && double.IsFinite(high))
        {
            _shapes.Add(() => $"<path class=\"line thin {tone}\" d=\"M{X(at):0.#} {Y(low):0.#}V{Y(high):0.#}\"/>");
        }
        _shapes.Add(() => Dot(at, value, tone, name));
        return this;
    }

    /// <summary>Marks a value of the horizontal axis.</summary>
    public Chart Mark(double at, string name)
    {
        _shapes.Add(() =>
        {
            var before = x.At(at) > 0.5;
            return ((Markup)$"<path class=\"mark\" d=\"M{X(at):0.#} {Top:0.#}V{height - Bottom:0.#}\"/>")
                .With($"<text class=\"note\" x=\"{X(at) + (before ? -6 : 6):0.#}\" y=\"{height - Bottom - 8:0.#}\" ")
                .With($"text-anchor=\"{(before ? "end" : "start")}\">{name}</text>");
        });
        return this;
    }

    /// <summary>The chart.</summary>
    public Markup ToSvg()
    {
        (_left, _right) = (LeftOfAxis, RightOfAxis);
        return new Markup()
            .Add($"<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">")
            .Add(Axes())
            .Add(Markup.Join(_shapes.Select(shape => shape())))
            .Add(Names())
            .Add($"</svg>");
    }

    private double X(double value) => _left + (Math.Clamp(x.At(value), 0, 1) * (width - _left - _right));

    private double Y(double value) => height - Bottom - (Math.Clamp(y.At(value), 0, 1) * (height - Bottom - Top));

    private Markup Dot(double at, double value, string tone, string name) =>
        ((Markup)$"<circle class=\"dot {tone}\" cx=\"{X(at):0.#}\" cy=\"{Y(value):0.#}\" r=\"3\"><title>{name}: ")
            .With($"{x.Name} {ChartAxis.Text(at)}, {y.Name} {ChartAxis.Text(value)}</title></circle>");

    private Markup Path(IReadOnlyList<(double X, double Y)> points, bool steps)
    {
        var path = new Markup();
        var (pen, last) = (false, (X: 0.0, Y: 0.0));
        for (var i = 0; i < points.Count; i++)
        {
            if (!double.IsFinite(points[i].X) || !double.IsFinite(points[i].Y))
            {
                pen = false;
                continue;
            }
            var (left, up) = (X(points[i].X), Y(points[i].Y));
            if (pen && i + 1 < points.Count && Math.Abs(left - last.X) + Math.Abs(up - last.Y) < LeastMove)
                continue;
            if (pen && steps)
                path.With($"V{up:0.#}H{left:0.#}");
            else
                path.With($"{(pen ? 'L' : 'M')}{left:0.#} {up:0.#}");
            (pen, last) = (true, (left, up));
        }
        return path;
    }

    private Markup Axes()
    {
        var (end, floor) = (width - _right, height - Bottom);
        return Markup.Join(
        [
            .. y.Ticks().Select(tick => new Markup()
                .With($"<path class=\"grid\" d=\"M{_left:0.#} {Y(tick.Value):0.#}H{end:0.#}\"/>")
                .With($"<text class=\"tick\" text-anchor=\"end\" x=\"{_left - 6:0.#}\" y=\"{Y(tick.Value) + 4:0.#}\">")
                .With($"{tick.Text}</text>")),
            $"<path class=\"axis\" d=\"M{_left:0.#} {floor:0.#}H{end:0.#}\"/>",
            .. x.Ticks().Select(tick => new Markup()
                .With($"<text class=\"tick\" text-anchor=\"middle\" x=\"{X(tick.Value):0.#}\" ")
                .With($"y=\"{floor + 16:0.#}\">{tick.Text}</text>")),
            $"<text class=\"name\" x=\"2\" y=\"14\">{y.Name}</text>",
            $"<text class=\"name\" text-anchor=\"end\" x=\"{end:0.#}\" y=\"{height - 3}\">{x.Name}</text>",
        ]);
    }

    // Lines that end elsewhere are not in each other's way.
    private Markup Names() => Markup.Join(_ends.GroupBy(end => end.X).Select(together =>
    {
        var places = ChartLabels.Spread([.. together.Select(end => Y(end.Y) + 4)], Top, height - Bottom);
        return Markup.Join(together.Select((end, i) =>
            ((Markup)$"<text class=\"end {end.Tone}\" x=\"{X(end.X) + 7:0.#}\" y=\"{places[i]:0.#}\">")
                .With($"{ChartLabels.Short(end.Name)}</text>")));
    }));
}
