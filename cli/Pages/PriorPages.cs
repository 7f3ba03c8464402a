using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>A prior next to the annotations, as a table and a picture.</summary>
internal static class PriorPages
{
    private const int Shown = 10;

    /// <summary>Prints the ten classes with the highest prior.</summary>
    public static void Print(Terminal terminal, PriorComparison comparison, string priorFile)
    {
        TableColumn[] columns =
        [
            TableColumn.Number(""), TableColumn.Name("class"), TableColumn.Number("index", drop: 5),
            TableColumn.Number("prior"), TableColumn.Number("annotated", drop: 3),
            TableColumn.Number("positive", drop: 2),
            TableColumn.Number("positive, of annotated", drop: 1), TableColumn.Number("positive, of all", drop: 4),
        ];
        var rows = comparison.Top(Shown).Select((k, rank) =>
        {
            var annotated = comparison.Annotated[k];
            string[] row =
            [
                $"{rank + 1}", annotated.Name, $"{k}", $"{comparison.Prior[k]:0.0000}",
                $"{annotated.Positives + annotated.Negatives}", $"{annotated.Positives}",
                $"{annotated.AmongAnnotated:P1}", $"{annotated.AmongAll:P1}",
            ];
            return new TableRow(comparison.True is { } truth ? [.. row, $"{truth[k].AmongAnnotated:P1}"] : row);
        });
        terminal.Table(new TablePage(
            $"The classes seen most often (prior), and what is annotated of them: {priorFile}",
            comparison.True is null ? columns : [.. columns, TableColumn.Number("truly positive")], [.. rows]));
        if (comparison.Threshold is { } threshold and > 0)
        {
            terminal.Line($"{comparison.AboveThreshold} of {comparison.Prior.Count} classes are above the prior "
                + $"threshold {threshold:0.####}: mode selective leaves their un-annotated labels out");
        }
        if (comparison.True is not null)
        {
            terminal.Line($"rank correlation with the true frequencies: prior {comparison.TrueRankCorrelation:0.000}, "
                + $"annotated positives {comparison.AnnotatedRankCorrelation:0.000}");
        }
    }

    /// <summary>
    /// The labels that mode selective left out in all epochs, and how many of them were truly positive.
    /// </summary>
    public static void ShowIgnored(Terminal terminal, IgnoredEpoch total)
    {
        string[] Row(string name, long count, double positive) =>
        [
            name, $"{count}", $"{(double)count / Math.Max(1, total.Unannotated):P1}",
            double.IsNaN(positive) ? "-" : $"{positive:P1}",
        ];
        terminal.Table(
            "Un-annotated labels whose truth is known, all epochs", ["", "labels", "share", "truly positive"],
            [
                Row("all", total.Unannotated, total.BaseRate),
                Row("left out by the prior", total.ByPrior, total.ByPriorHits),
                Row("left out by top-k", total.ByTopK, total.ByTopKHits),
            ]);
        terminal.Line($"hidden positives learnt as negatives: {total.Mistaken:P1}");
    }
}
