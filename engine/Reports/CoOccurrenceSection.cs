using System.Globalization;

namespace Flixstock.Engine;

/// <summary>Classes that are positive in the same pictures of the first part.</summary>
internal static class CoOccurrenceSection
{
    private const int MostClasses = 40, MostPairs = 30, OfPairs = 100;
    private const double Worth = 1.25; // nearer to chance is not worth a row

    /// <summary>A matrix of shares, and the pairs that are farthest from chance.</summary>
    public static Markup Of(DatasetFacts data, CancellationToken cancellation)
    {
        var (part, pictures) = data.Look.Parts[0];
        var names = data.Summary.Attributes.ClassNames;
        var matrix = CoOccurrence.Of(pictures, MostClasses, cancellation);
        if (matrix.Classes.Count < 2)
            return $"<p>There is one class.</p>";
        var which = names.Count > MostClasses ? $"the {MostClasses} commonest of {names.Count} classes, " : "";
        return new Markup()
            .Add($"<p>{which}{part}: of the pictures with the row's class those that have the column's, in percent. ")
            .Add($"Pictures in which it is unknown do not count.</p>")
            .Add(Matrix(matrix, names)).Add(Pairs(CoOccurrence.Of(pictures, OfPairs, cancellation), names));
    }

    private static Markup Matrix(CoOccurrence matrix, IReadOnlyList<string> names)
    {
        int[] all = [.. Enumerable.Range(0, matrix.Classes.Count)];
        return new Markup()
            .Add($"<div class=\"scroll\"><table class=\"confusion\"><thead><tr><th></th>")
            .Add(Markup.Join(all.Select(column => (Markup)
                $"<th scope=\"col\" title=\"{Name(column)}\"><span>{Name(column)}</span></th>")))
            .Add($"<th class=\"n\">positive</th></tr></thead><tbody>")
            .Add(Markup.Join(all.Select(row => new Markup()
                .Add($"<tr><th scope=\"row\" title=\"{Name(row)}\">{Name(row)}</th>")
                .Add(Markup.Join(all.Select(column => Cell(matrix, row, column))))
                .Add($"<td class=\"n\">{matrix.Together[row, row]}</td></tr>"))))
            .Add($"</tbody></table></div>");

        string Name(int place) => names[matrix.Classes[place]];
    }

    private static Markup Cell(CoOccurrence matrix, int row, int column)
    {
        if (row == column || matrix.Together[row, column] == 0)
            return $"<td></td>";
        var share = (double)matrix.Together[row, column] / matrix.Known[row, column];
        return ((Markup)$"<td class=\"right s{Math.Round(10 * share):0}\" title=\"{matrix.Together[row, column]} of ")
            .With($"{matrix.Known[row, column]}\">{100 * share:0}</td>");
    }

    private static Markup Pairs(CoOccurrence matrix, IReadOnlyList<string> names)
    {
        var pairs = matrix.Pairs(MostPairs).Where(pair => pair.Lift is > Worth or < 1 / Worth).ToList();
        return pairs.Count == 0
            ? (Markup)$"<p>No pair is together more often or less often than chance.</p>"
            : new Markup()
                .Add($"<h4>Farthest from chance</h4><p>What a network can guess from another class instead of from ")
                .Add($"the picture. Lift: how many times as often as chance.</p>")
                .Add(Html.SortableTable(
                    "pairs-table",
                    [new("pictures with"), new("have"), new("pictures", true), new("%", true), new("lift", true)],
                    pairs.Select(pair => new HtmlCell[]
                    {
                        new(names[pair.First]), new(names[pair.Second]), HtmlCell.Of(pair.Together),
                        HtmlCell.Percent(100 * pair.Share),
                        new(pair.Lift.ToString("0.00", CultureInfo.InvariantCulture), pair.Lift),
                    })));
    }
}
