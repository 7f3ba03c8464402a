using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// Results of a grid as a picture: for every simulation the mean of each method with its deviation over the seeds, and
/// below it the paired differences from the first method.
/// </summary>
internal static class ExperimentChart
{
    private const string MeanAp = "mAP, %";

    /// <summary>The charts, two for every simulation; empty without results.</summary>
    public static IReadOnlyList<ChartPanel> Panels(IReadOnlyList<ExperimentResult> results) =>
        [.. results.GroupBy(result => result.Simulation).SelectMany(own => Panels(own.Key, [.. own]))];

    private static IEnumerable<ChartPanel> Panels(string simulation, IReadOnlyList<ExperimentResult> results)
    {
        // As in the tables: without mAP trainings are compared by validation loss.
        var ranked = results.Any(result => double.IsFinite(result.MeanAp));
        Func<ExperimentResult, double> value = ranked ? result => result.MeanAp : result => result.ValidationLoss;
        var name = ranked ? MeanAp : "validation loss";
        var methods = results.GroupBy(result => result.Method).ToList();
        yield return Means($"{simulation}: {name}", name, methods, value);
        if (methods.Count > 1 && Differences(simulation, name, methods, value) is { } differences)
            yield return differences;
    }

    private static ChartPanel Means(
        string title, string name, List<IGrouping<string, ExperimentResult>> methods,
        Func<ExperimentResult, double> value)
    {
        var rows = methods.ConvertAll(method => MeanAndDeviation([.. method.Select(value).Where(double.IsFinite)]));
        var ends = rows.SelectMany(row => new[] { row.Mean - row.Deviation, row.Mean + row.Deviation, row.Mean });
        var seeds = methods.Max(method => method.Count());
        return new ChartPanel(
            title, seeds > 1 ? "Mean over the seeds; the thin line is one sample standard deviation to each side." : "",
            new BarChart(title, ChartAxis.Around(ends, name, zero: true), [.. methods.Select(method => method.Key)],
            [
                new BarSeries("", "t0", [.. rows.Select(row => row.Mean)])
                {
                    Intervals = [.. rows.Select(row => (row.Mean - row.Deviation, row.Mean + row.Deviation))],
                    Text = value => Written(value, name),
                },
            ]));
    }

    private static ChartPanel? Differences(
        string simulation, string name, List<IGrouping<string, ExperimentResult>> methods,
        Func<ExperimentResult, double> value)
    {
        var first = methods[0].GroupBy(result => (result.Seed, result.Fold)).ToDictionary(
            same => same.Key, same => value(same.First()));
        var rows = methods.Skip(1).Select(method => (Name: method.Key, Differences: method
            .Where(result => first.ContainsKey((result.Seed, result.Fold)))
            .Select(result => value(result) - first[(result.Seed, result.Fold)])
            .Where(double.IsFinite).ToList())).Where(row => row.Differences.Count > 0).ToList();
        if (rows.Count == 0)
            return null;
        var means = rows.ConvertAll(row => row.Differences.Average());
        var intervals = rows.ConvertAll(row => PairedInterval.Of(row.Differences) is { } interval
            ? (interval.Low, interval.High)
            : (Low: double.NaN, High: double.NaN));
        var ends = means.Concat(intervals.SelectMany(one => new[] { one.Low, one.High })).Append(0);
        var pair = methods[0].Any(result => result.Fold is not null) ? "seed and fold" : "seed";
        var title = $"{simulation}: difference from {methods[0].Key}, same {pair}";
        return new ChartPanel(
            title, intervals.Any(one => double.IsFinite(one.Low))
                ? "Mean of the differences and its 95 % interval: on one side of 0 it is a difference."
                : "Mean of the differences; three seeds or more give it an interval.",
            new BarChart(title, ChartAxis.Around(ends, $"difference, {name}"), rows.ConvertAll(row => row.Name),
            [
                new BarSeries("", "t1", means)
                {
                    Intervals = intervals,
                    Points = true,
                    Text = value => $"{(value > 0 ? "+" : "")}{Written(value, name)}",
                },
            ]));
    }

    // As many digits as in the tables.
    private static string Written(double value, string name) =>
        value.ToString(name == MeanAp ? "0.00" : "0.0000", CultureInfo.InvariantCulture);

    private static (double Mean, double Deviation) MeanAndDeviation(List<double> values)
    {
        if (values.Count == 0)
            return (double.NaN, double.NaN);
        var mean = values.Average();
        return (mean, values.Count == 1
            ? double.NaN
            : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
    }
}
