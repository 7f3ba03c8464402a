namespace Flixstock.Engine;

/// <summary>Compares an estimated prior with what the annotations alone say.</summary>
/// <param name="Prior">[classes] estimated, 0 to 1.</param>
/// <param name="Annotated">[classes] counts of the labels that are known.</param>
/// <param name="True">[classes] counts of all labels, if some were hidden deliberately; otherwise null.</param>
public sealed record PriorComparison(
    IReadOnlyList<float> Prior, IReadOnlyList<ClassFrequency> Annotated, IReadOnlyList<ClassFrequency>? True = null)
{
    /// <summary>
    /// The prior above which mode selective leaves un-annotated labels of a class out; null: it is not in question.
    /// </summary>
    public float? Threshold { get; init; }

    /// <summary>Number of the classes whose prior is above <see cref="Threshold"/>.</summary>
    public int AboveThreshold => Prior.Count(value => value > Threshold);

    /// <summary>Indices of the classes with the highest prior, the highest first.</summary>
    public IReadOnlyList<int> Top(int count) => Highest([.. Prior.Select(value => (double)value)], count);

    /// <summary>Indices of the truly commonest classes; empty if the truth is not known.</summary>
    public IReadOnlyList<int> TrulyTop(int count) =>
        True is null ? [] : Highest([.. True.Select(frequency => frequency.AmongAnnotated)], count);

    /// <summary>Spearman's rank correlation of prior and true frequencies; NaN if these are not known.</summary>
    public double TrueRankCorrelation => True is null
        ? double.NaN
        : RankCorrelation.Spearman(
            [.. Prior.Select(value => (double)value)], [.. True.Select(frequency => frequency.AmongAnnotated)]);

    /// <summary>
    /// The same correlation for the annotations alone: positives among all pictures, as if un-annotated were negative.
    /// </summary>
    public double AnnotatedRankCorrelation => True is null
        ? double.NaN
        : RankCorrelation.Spearman(
            [.. Annotated.Select(frequency => frequency.AmongAll)],
            [.. True.Select(frequency => frequency.AmongAnnotated)]);

    /// <summary>Draws all of it as PNG, and as SVG next to it.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public void WriteChart(string path)
    {
        var series = new List<(string, double[])>
        {
            ("prior", [.. Prior.Select(value => (double)value)]),
            ("annotated as there", [.. Annotated.Select(frequency => frequency.AmongAll)]),
        };
        if (True is not null)
            series.Add(("truly positive", [.. True.Select(frequency => frequency.AmongAnnotated)]));
        FrequencyChart.Save(
            path, "Prior and annotations", [.. Annotated.Select(frequency => frequency.Name)], series,
            Threshold is { } threshold and > 0 ? (threshold, $"threshold {ChartAxis.Text(100 * threshold)} %") : null);
    }

    private static int[] Highest(double[] values, int count) =>
        [.. Enumerable.Range(0, values.Length).OrderByDescending(
            k => double.IsNaN(values[k]) ? double.NegativeInfinity : values[k]).ThenBy(k => k).Take(count)];
}
