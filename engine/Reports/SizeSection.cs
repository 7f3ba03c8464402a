namespace Flixstock.Engine;

/// <summary>Sizes and proportions of the pictures.</summary>
internal static class SizeSection
{
    private const int Bins = 30, Commonest = 10;

    /// <summary>Charts of shorter sides and proportions, and the commonest sizes.</summary>
    public static Markup Of(IReadOnlyList<SeenPicture> pictures)
    {
        if (pictures.Count == 0)
            return $"<p>No picture can be read.</p>";
        var sizes = pictures.GroupBy(picture => (picture.Fingerprint.Width, picture.Fingerprint.Height))
            .OrderByDescending(size => size.Count()).ThenBy(size => size.Key).ToList();
        return new Markup()
            .Add($"<div class=\"charts\">")
            .Add(Html.Figure(Histogram(
                "Shorter side", "pixels", pictures,
                picture => Math.Min(picture.Fingerprint.Width, picture.Fingerprint.Height))))
            .Add(Html.Figure(Histogram(
                "Width by height", "width by height", pictures,
                picture => (double)picture.Fingerprint.Width / picture.Fingerprint.Height)))
            .Add($"</div>")
            .Add($"<p>{sizes.Count} different sizes; the commonest:</p>")
            .Add(Html.Table(["size", "pictures"], sizes.Take(Commonest).Select(size => new[]
            {
                $"{size.Key.Width} x {size.Key.Height}", $"{size.Count()}",
            })));
    }

    private static ChartPanel Histogram(
        string title, string name, IReadOnlyList<SeenPicture> pictures, Func<SeenPicture, double> value)
    {
        // Sizes and proportions compare by their ratio.
        var axis = ChartAxis.Ratios(pictures.Select(value), name);
        var parts = pictures.GroupBy(picture => picture.Part).ToList();
        var lines = parts.ConvertAll(part => (part.Key, Points: Shares([.. part.Select(value)], axis)));
        var chart = new Chart(title, axis, ChartAxis.Around(
            lines.SelectMany(line => line.Points).Select(point => point.Y), "% of the pictures", zero: true));
        foreach (var ((part, points), i) in lines.Select((line, i) => (line, i)))
            chart.Line(points, $"t{i}", part, steps: true);
        return new ChartPanel(title, $"{Bins} bins of equal ratio.", chart);
    }

    private static List<(double X, double Y)> Shares(IReadOnlyList<double> values, ChartAxis axis)
    {
        var counts = new int[Bins];
        foreach (var value in values)
            counts[Math.Clamp((int)(axis.At(value) * Bins), 0, Bins - 1)]++;
        double Edge(int bin) => axis.Low * Math.Pow(axis.High / axis.Low, (double)bin / Bins);
        return
        [
            (axis.Low, 100.0 * counts[0] / values.Count),
            .. counts.Select((count, bin) => (Edge(bin + 1), 100.0 * count / values.Count)),
        ];
    }
}
