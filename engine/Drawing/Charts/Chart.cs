using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Lines and points over two axes: thin axes, names at the ends of lines instead of a legend. Colours are names
/// (<c>t0</c> to <c>t7</c>, <c>quiet</c>) that <see cref="ChartStyle"/> explains, so that light, dark and print need no
/// other chart.
/// </summary>
/// <param name="title">What it shows, for those who cannot see it.</param>
/// <param name="x">The horizontal axis.</param>
/// <param name="y">The vertical axis.</param>
/// <param name="width">Width in pixels.</param>
/// <param name="height">Height in pixels.</param>
internal sealed class Chart(string title, ChartAxis x, ChartAxis y, int width = 460, int height = 270) : IChart
{
    private const double MostOfLabels = 0.4;

    // Names of lines that end nearly where the others do would lie over theirs.
    private const double NearEnd = 80;

    // Nothing smaller is seen, and a run may have a million steps.
    private const double LeastMove = 0.7;

    private readonly List<(double X, double Y, string Tone, string Name)> _ends = [];
    private readonly List<Action<IChartPaper>> _shapes = [];
    private double _left, _right; // known when all lines are

    /// <inheritdoc />
    public string Title => title;

    /// <inheritdoc />
    public int Width => width;

    /// <inheritdoc />
    public int Height => height;

    /// <summary>Least space on the left of the axes, in pixels, so that several charts stay in line.</summary>
    public double LeastLeft { get; init; }

    /// <summary>Least space on the right of the axes, in pixels.</summary>
    public double LeastRight { get; init; }

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
        _shapes.Add(paper => paper.Line($"line {tone}", Path(points, steps)));
        if (dots || known.Count == 1)
        {
            var colour = tone.Split(' ')[0];
            known.ForEach(point => _shapes.Add(paper => Dot(paper, point.X, point.Y, colour, name ?? title)));
        }
        return this;
    }

    /// <summary>Adds a point with a name to point at and, where they are finite, a line from low to high.</summary>
    public Chart Point(double at, double value, double low, double high, string tone, string name)
    {
        if (double.IsFinite(low) && double.IsFinite(high))
        {
            _shapes.Add(paper => paper.Line(
                $"line thin {tone}", string.Create(
                    CultureInfo.InvariantCulture, $"M{X(at):0.#} {Y(low):0.#}V{Y(high):0.#}")));
        }
        _shapes.Add(paper => Dot(paper, at, value, tone, name));
        return this;
    }

    /// <summary>Marks a value of the horizontal axis.</summary>
    public Chart Mark(double at, string name)
    {
        _shapes.Add(paper =>
        {
            paper.Line("mark", string.Create(
                CultureInfo.InvariantCulture, $"M{X(at):0.#} {Top:0.#}V{height - Bottom:0.#}"));
            var before = x.At(at) > 0.5;
            paper.Text("note", new TextPlace(
                X(at) + (before ? -6 : 6), height - Bottom - 8, before ? TextAnchor.End : TextAnchor.Start), name);
        });
        return this;
    }

    /// <inheritdoc />
    public void Draw(IChartPaper paper)
    {
        (_left, _right) = (Math.Max(LeftOfAxis, LeastLeft), Math.Max(RightOfAxis, LeastRight));
        DrawAxes(paper);
        foreach (var shape in _shapes)
            shape(paper);
        DrawNames(paper);
    }

    private double X(double value) => _left + (Math.Clamp(x.At(value), 0, 1) * (width - _left - _right));

    private double Y(double value) => height - Bottom - (Math.Clamp(y.At(value), 0, 1) * (height - Bottom - Top));

    private void Dot(IChartPaper paper, double at, double value, string tone, string name) => paper.Dot(
        tone, X(at), Y(value), $"{name}: {x.Name} {ChartAxis.Text(at)}, {y.Name} {ChartAxis.Text(value)}");

    private string Path(IReadOnlyList<(double X, double Y)> points, bool steps)
    {
        var path = new StringBuilder();
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
                path.Append(CultureInfo.InvariantCulture, $"V{up:0.#}H{left:0.#}");
            else
                path.Append(CultureInfo.InvariantCulture, $"{(pen ? 'L' : 'M')}{left:0.#} {up:0.#}");
            (pen, last) = (true, (left, up));
        }
        return path.ToString();
    }

    private void DrawAxes(IChartPaper paper)
    {
        var (end, floor) = (width - _right, height - Bottom);
        foreach (var (value, text) in y.Ticks())
        {
            paper.Line("grid", Across(Y(value), end));
            paper.Text("tick", new TextPlace(_left - 6, Y(value) + 4, TextAnchor.End), text);
        }
        paper.Line("axis", Across(floor, end));
        foreach (var (value, text) in x.Ticks())
            paper.Text("tick", new TextPlace(X(value), floor + 16, TextAnchor.Middle), text);
        if (y.Name.Length > 0)
            paper.Text("name", new TextPlace(2, 14), y.Name);
        if (x.Name.Length > 0)
            paper.Text("name", new TextPlace(end, height - 3, TextAnchor.End), x.Name);
    }

    private string Across(double at, double end) =>
        string.Create(CultureInfo.InvariantCulture, $"M{_left:0.#} {at:0.#}H{end:0.#}");

    // Lines that end elsewhere are not in each other's way.
    private void DrawNames(IChartPaper paper)
    {
        var last = _ends.Select(end => X(end.X)).DefaultIfEmpty().Max();
        foreach (var together in _ends.GroupBy(end => last - X(end.X) < NearEnd ? last : X(end.X)))
        {
            var places = ChartLabels.Spread([.. together.Select(end => Y(end.Y) + 4)], Top, height - Bottom);
            foreach (var (end, i) in together.Select((end, i) => (end, i)))
                paper.Text($"end {end.Tone}", new TextPlace(together.Key + 7, places[i]), ChartLabels.Short(end.Name));
        }
    }
}
