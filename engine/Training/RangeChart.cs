namespace Flixstock.Engine;

/// <summary>The losses of a range test over the learning rate, with the suggestion.</summary>
internal static class RangeChart
{
    /// <summary>Writes the chart as PNG and SVG.</summary>
    /// <param name="png">The PNG; the SVG stands next to it. Both are replaced if they exist.</param>
    /// <param name="range">At least one point.</param>
    public static void Save(string png, LearningRateRange range) => ChartFile.Save(png, Panel(range));

    /// <summary>The chart.</summary>
    public static ChartPanel Panel(LearningRateRange range)
    {
        var smoothed = range.Points.Select(point => point.Smoothed).ToList();
        // What explodes at the end would flatten everything before it.
        var (least, most) = (smoothed.Min() * 0.9, Math.Max(smoothed[0], smoothed.Min()) * 1.3);
        var chart = new Chart(
            "Loss by learning rate",
            ChartAxis.Ratios(range.Points.Select(point => point.LearningRate), "learning rate"),
            new ChartAxis(least, most > least ? most : least + 1) { Name = "loss per label" }, 620, 320);
        chart.Line([.. range.Points.Select(point => (point.LearningRate, Shown(point.Loss)))], "ink thin");
        chart.Line([.. range.Points.Select(point => (point.LearningRate, Shown(point.Smoothed)))], "t0");
        if (range.Suggested is { } rate)
            chart.Mark(rate, $"suggested {ChartAxis.Text(rate)}");
        return new ChartPanel(
            "Learning rate range test", "Thin: the loss of each step. Thick: its running mean.", chart);

        double Shown(double loss) => loss <= most ? loss : double.NaN;
    }
}
