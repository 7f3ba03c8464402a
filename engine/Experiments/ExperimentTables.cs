using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>A table of text.</summary>
/// <param name="Title">Title above the table.</param>
/// <param name="Header">Names of the columns.</param>
/// <param name="Rows">Rows with one cell for each column.</param>
public sealed record ExperimentTable(string Title, string[] Header, IReadOnlyList<string[]> Rows)
{
    /// <summary>The table as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder().Append($"**{Title}**\n\n| {string.Join(" | ", Header)} |\n"
            + $"|{string.Join('|', Header.Select((_, i) => i == 0 ? " --- " : " ---: "))}|\n");
        foreach (var row in Rows)
        {
            text.Append(
                $"| {string.Join(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n");
        }
        return text.ToString();
    }
}

/// <summary>Results of a grid as tables: mean and sample standard deviation over seeds.</summary>
internal static class ExperimentTables
{
    private static readonly (string Name, Func<ExperimentResult, double> Value)[] Columns =
    [
        ("mAP", result => result.MeanAp), ("last epoch", result => result.LastMeanAp),
        ("common classes", result => result.CommonMeanAp), ("rare classes", result => result.RareMeanAp),
        ("macro-F1", result => result.MacroF1), ("seconds", result => result.Seconds),
    ];

    /// <summary>
    /// One table of quality for every simulation, followed by tables of priors and of labels left out.
    /// </summary>
    public static IReadOnlyList<ExperimentTable> Of(IReadOnlyList<ExperimentResult> results)
    {
        var tables = new List<ExperimentTable>();
        foreach (var own in results.GroupBy(result => result.Simulation))
        {
            var seeds = own.Select(result => result.Seed).Distinct().Count();
            var known = own.All(result => result.KnownShare >= 100)
                ? ""
                : $", {own.Average(result => result.KnownShare):0.0} % of the training labels known";
            // If there is no mAP, trainings are compared by validation loss.
            var columns = own.All(result => double.IsFinite(result.MeanAp))
                ? Columns
                : [("validation loss", result => result.ValidationLoss), .. Columns];
            var folds = own.Select(result => result.Fold).OfType<string>().Distinct().Count();
            var many = $"{seeds} {(seeds == 1 ? "seed" : "seeds")}{(folds > 0 ? $" x {folds} folds" : "")}";
            tables.Add(new ExperimentTable(
                $"{own.Key}{known}, {many}, percent",
                [.. columns.Select(column => column.Name).Prepend("method").Append("runs")],
                [.. Rows(own).Select(row => columns.Select(column => Spread(row, column.Value)).Prepend(row.Key)
                    .Append($"{row.Count()}").ToArray())]));
        }
        Add(
            tables, "Last epoch, mAP in percent: weight average minus plain weights of the same training",
            ["simulation, method", "plain", "average", "difference", "95 % over the seeds"],
            results.Where(result => double.IsFinite(AverageGain(result))), Average);
        Add(
            tables, "The prior each method's training estimates, against the true class frequencies",
            ["simulation, method", "rank correlation", "of annotated positives", "top 5 of seed 1", "really top 5"],
            results.Where(result => double.IsFinite(result.PriorRankCorrelation)), Prior);
        Add(
            tables,
            "Un-annotated labels that mode selective left out, and how many were truly positive; percent, all epochs",
            [
                "simulation, method", "truly positive (base rate)", "left out by the prior", "of these positive",
                "left out by top-k", "of these positive", "hidden positives learnt as negatives",
            ],
            results.Where(result => result.Ignored is not null), Ignored);
        return tables;
    }

    /// <summary>One line about classes whose AP rests on few labels; null if there are none.</summary>
    public static string? Note(IReadOnlyList<ExperimentResult> results)
    {
        var few = results.SelectMany(result => result.FewPositives).Distinct(StringComparer.Ordinal).ToList();
        return few.Count == 0
            ? null
            : $"fewer than {ClassMetrics.FewestForInterval} positives or negatives in validation, so that AP says "
                + $"little: {string.Join(", ", few.Take(8))}{(few.Count > 8 ? $" and {few.Count - 8} more" : "")}";
    }

    /// <summary>A row for every training.</summary>
    public static string ToCsv(IEnumerable<ExperimentResult> results)
    {
        var text = new StringBuilder("simulation,method,seed,map,last_map,common_map,rare_map,macro_f1,known_share,"
            + "seconds,prior_rank_correlation,annotated_rank_correlation,unannotated,unannotated_positive,by_prior,"
            + "by_prior_positive,by_topk,by_topk_positive,validation_loss,last_plain_map,last_average_map,fold\n");
        foreach (var r in results)
        {
            double[] numbers =
            [
                r.MeanAp, r.LastMeanAp, r.CommonMeanAp, r.RareMeanAp, r.MacroF1, r.KnownShare, r.Seconds,
                r.PriorRankCorrelation, r.AnnotatedRankCorrelation,
            ];
            long?[] counts =
            [
                r.Ignored?.Unannotated, r.Ignored?.UnannotatedPositive, r.Ignored?.ByPrior, r.Ignored?.ByPriorPositive,
                r.Ignored?.ByTopK, r.Ignored?.ByTopKPositive,
            ];
            double[] later = [r.ValidationLoss, r.LastPlainMeanAp, r.LastAverageMeanAp];
            text.Append(CultureInfo.InvariantCulture,
                $"{CsvCell.Of(r.Simulation)},{CsvCell.Of(r.Method)},{r.Seed},{string.Join(',', numbers.Select(Number))}"
                    + $",{string.Join(',', counts)},{string.Join(',', later.Select(Number))},{r.Fold}\n");
        }
        return text.ToString();
    }

    private static void Add(
        List<ExperimentTable> tables, string title, string[] header, IEnumerable<ExperimentResult> results,
        Func<IGrouping<string, ExperimentResult>, string[]> row)
    {
        var rows = results.GroupBy(result => $"{result.Simulation}, {result.Method}")
            .Select(group => row(group).Prepend(group.Key).ToArray()).ToList();
        if (rows.Count > 0)
            tables.Add(new ExperimentTable(title, header, rows));
    }

    private static double AverageGain(ExperimentResult result) => result.LastAverageMeanAp - result.LastPlainMeanAp;

    private static string[] Average(IGrouping<string, ExperimentResult> row) =>
    [
        Spread(row, result => result.LastPlainMeanAp), Spread(row, result => result.LastAverageMeanAp),
        Spread(row, AverageGain),
        PairedInterval.Of([.. row.Select(AverageGain)]) is { } interval
            ? string.Create(CultureInfo.InvariantCulture, $"{interval.Low:0.00} to {interval.High:0.00}")
            : $"{row.Count()} {(row.Count() == 1 ? "seed" : "seeds")}: none",
    ];

    private static string[] Prior(IGrouping<string, ExperimentResult> row) =>
    [
        Spread(row, result => result.PriorRankCorrelation, "0.000"),
        Spread(row, result => result.AnnotatedRankCorrelation, "0.000"), string.Join(", ", row.First().TopClasses),
        string.Join(", ", row.First().TrueTopClasses),
    ];

    private static string[] Ignored(IGrouping<string, ExperimentResult> row)
    {
        string Share(Func<IgnoredEpoch, double> value) => Spread(row, result => 100 * value(result.Ignored!));
        return
        [
            Share(ignored => ignored.BaseRate), Share(ignored => (double)ignored.ByPrior / ignored.Unannotated),
            Share(ignored => ignored.ByPriorHits), Share(ignored => (double)ignored.ByTopK / ignored.Unannotated),
            Share(ignored => ignored.ByTopKHits), Share(ignored => ignored.Mistaken),
        ];
    }

    private static IEnumerable<IGrouping<string, ExperimentResult>> Rows(IEnumerable<ExperimentResult> results) =>
        results.GroupBy(result => result.Method);

    /// <summary>
    /// Mean and deviation, <c>62.51 ± 0.40</c>; the mean alone if there is one value, a dash if there is none.
    /// </summary>
    internal static string Spread(
        IEnumerable<ExperimentResult> results, Func<ExperimentResult, double> value, string format = "0.00")
    {
        var values = results.Select(value).Where(double.IsFinite).ToList();
        if (values.Count == 0)
            return "-";
        var mean = values.Average();
        var text = mean.ToString(format, CultureInfo.InvariantCulture);
        if (values.Count == 1)
            return text;
        var deviation = Math.Sqrt(values.Sum(one => (one - mean) * (one - mean)) / (values.Count - 1));
        return $"{text} ± {deviation.ToString(format, CultureInfo.InvariantCulture)}";
    }

    private static string Number(double value) =>
        double.IsFinite(value) ? value.ToString("0.####", CultureInfo.InvariantCulture) : "";
}
