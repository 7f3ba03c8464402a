namespace Flixstock.Engine;

/// <summary>
/// The confusion matrix of every exclusive attribute, with unknown labels below it; a cell leads to its pictures.
/// </summary>
/// <param name="id">The run's name in anchors.</param>
/// <param name="evaluation">The run's evaluation.</param>
/// <param name="pictures">The pictures of the page.</param>
/// <param name="showPictures">False: the cells lead nowhere.</param>
internal sealed class ConfusionSection(
    string id, RunEvaluation evaluation, Thumbnails pictures, bool showPictures = true)
{
    private const int MostWrong = 6, MostUnknown = 4, MostRight = 3, UnknownRow = ConfusionCells.UnknownRow;

    /// <summary>All matrices.</summary>
    public Markup ToMarkup() => evaluation.Matrices.Count == 0
        ? (Markup)$"<p>The classes are independent of each other: there is no confusion of one with another.</p>"
        : $"<div class=\"matrices\">{evaluation.Matrices.Select(one => Of(one.Group, one.Matrix))}</div>";

    private Markup Of(int group, ConfusionMatrix matrix)
    {
        var cells = new ConfusionCells(matrix, ConfusionCells.MostClasses);
        var names = cells.Names(evaluation.Dataset.Attributes, group);
        var shown = showPictures ? Pictures(group, cells) : [];
        int[] rows = [.. Enumerable.Range(0, names.Count)];
        return new Markup()
            .Add($"<div class=\"matrix\"><h4>{evaluation.Dataset.Attributes.Groups[group].Name}</h4>")
            .Add(cells.Merged > 0
                ? (Markup)$"<p>The {cells.Classes.Count} commonest classes; the other {cells.Merged} are one row.</p>"
                : $"")
            .Add($"<div class=\"scroll\"><table class=\"confusion\"><thead><tr><th>label ↓ model →</th>")
            .Add(Markup.Join(names.Select(
                name => (Markup)$"<th scope=\"col\" title=\"{name}\"><span>{name}</span></th>")))
            .Add($"<th class=\"n\">all</th></tr></thead><tbody>")
            .Add(Markup.Join(rows.Select(row => Row(names[row], row, cells, group, shown))))
            .Add($"</tbody><tbody class=\"unknown\">")
            .Add(Row("unknown", UnknownRow, cells, group, shown))
            .Add($"</tbody></table></div>")
            .Add(Markup.Join(shown.OrderBy(cell => cell.Key).Select(
                cell => Behind(group, cell.Key, cell.Value, names))))
            .Add($"</div>");
    }

    private Markup Row(
        string name, int row, ConfusionCells cells, int group, Dictionary<(int Row, int Column), Behinds> shown)
    {
        var all = cells.Of(row).Sum();
        return new Markup().Add($"<tr><th scope=\"row\" title=\"{name}\">{name}</th>")
            .Add(Markup.Join(cells.Of(row).Select((count, column) => Cell(
                count, all, row == UnknownRow ? "u" : row == column && !cells.IsMerged(row) ? "right" : "wrong",
                shown.ContainsKey((row, column)) ? Anchor(group, row, column) : null))))
            .Add($"<td class=\"n\">{all}</td></tr>");
    }

    private static Markup Cell(int count, int all, string kind, string? anchor)
    {
        if (count == 0)
            return $"<td></td>";
        var share = (double)count / all;
        var inner = anchor is null ? (Markup)$"{count}" : $"<a href=\"#{anchor}\">{count}</a>";
        return $"<td class=\"{kind} s{Math.Round(10 * share):0}\" title=\"{100 * share:0.#} % of the row\">{inner}</td>";
    }

    // Wrong cells first: there may not be room for all.
    private Dictionary<(int Row, int Column), Behinds> Pictures(int group, ConfusionCells cells)
    {
        var shown = new Dictionary<(int Row, int Column), Behinds>();
        var wanted = cells.Pictures.OrderBy(cell => cell.Key.Row == UnknownRow ? 1 : cells.IsRight(cell.Key) ? 2 : 0)
            .ThenBy(cell => cell.Key);
        foreach (var (cell, samples) in wanted)
        {
            var most = cell.Row == UnknownRow ? MostUnknown : cells.IsRight(cell) ? MostRight : MostWrong;
            var figures = samples.Take(most).Select(sample => Answer(group, cells, sample))
                .Select(answer => PictureFigure.Of(pictures, evaluation, answer)).OfType<Markup>().ToList();
            if (figures.Count > 0)
                shown.Add(cell, new Behinds(figures, samples.Count));
        }
        return shown;
    }

    private PictureAnswer Answer(int group, ConfusionCells cells, int sample)
    {
        var (truth, predicted) = cells.Matrix.Answers[sample];
        var table = evaluation.Dataset.Attributes;
        var at = table.Offset(group) + predicted;
        return new PictureAnswer(
            sample, at, truth < 0 ? "" : table.ClassNames[table.Offset(group) + truth], table.ClassNames[at],
            evaluation.Probabilities[(sample * table.ClassCount) + at], 0);
    }

    private Markup Behind(int group, (int Row, int Column) cell, Behinds behind, IReadOnlyList<string> names)
    {
        var label = cell.Row == UnknownRow ? "unknown" : names[cell.Row];
        return new Markup()
            .Add($"<div class=\"behind\" id=\"{Anchor(group, cell.Row, cell.Column)}\">")
            .Add($"<p><b>label: {label}, model: {names[cell.Column]}</b>: {behind.Figures.Count} of {behind.Count} ")
            .Add($"<a href=\"#{id}-confusion\">close</a></p>")
            .Add($"<div class=\"pictures\">{behind.Figures}</div></div>");
    }

    private string Anchor(int group, int row, int column) =>
        $"{id}-a{group}-{(row == UnknownRow ? "u" : row)}-{column}";

    private sealed record Behinds(IReadOnlyList<Markup> Figures, int Count);
}
