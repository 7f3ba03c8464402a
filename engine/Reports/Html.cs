using System.Globalization;

namespace Flixstock.Engine;

/// <summary>A column of a table that can be sorted.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="IsNumber">Sorted by number, and written to the right.</param>
internal readonly record struct HtmlColumn(string Name, bool IsNumber = false);

/// <summary>A cell of a table that can be sorted.</summary>
/// <param name="Text">What is written.</param>
/// <param name="Value">The number that it is sorted by; NaN comes last.</param>
internal readonly record struct HtmlCell(string Text, double Value = double.NaN)
{
    /// <summary>A count.</summary>
    public static HtmlCell Of(long count) => new(count.ToString(CultureInfo.InvariantCulture), count);

    /// <summary>Percent, or a dash if there is no number.</summary>
    public static HtmlCell Percent(double value) => new(Html.Percent(value), value);
}

/// <summary>The parts that every section of a page is made of.</summary>
internal static class Html
{
    /// <summary>One digit after the point, or a dash if there is no number.</summary>
    public static string Percent(double value) =>
        double.IsFinite(value) ? value.ToString("0.0", CultureInfo.InvariantCulture) : "–";

    /// <summary>An interval of percent, or a dash.</summary>
    public static string Range(Interval interval) => double.IsFinite(interval.Low)
        ? string.Create(CultureInfo.InvariantCulture, $"{interval.Low:0.0} to {interval.High:0.0}")
        : "–";

    /// <summary>A length of time.</summary>
    public static string Time(TimeSpan time) => time.TotalMinutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s")
        : time.TotalHours < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} min")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h");

    /// <summary>A chart with its title and a line of explanation.</summary>
    public static Markup Figure(ChartPanel panel) => new Markup()
        .Add($"<figure class=\"card\"><figcaption><b>{panel.Title}</b> <span>{panel.Note}</span></figcaption>")
        .Add(SvgPaper.Of(panel.Chart))
        .Add($"</figure>");

    /// <summary>A small table: the first cell of each row is its heading.</summary>
    public static Markup Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows) => new Markup()
        .Add($"<div class=\"scroll\"><table><thead><tr>")
        .Add(Markup.Join(headings.Select(heading => (Markup)$"<th scope=\"col\">{heading}</th>")))
        .Add($"</tr></thead><tbody>")
        .Add(Markup.Join(rows.Select(row => ((Markup)$"<tr><th scope=\"row\">{row[0]}</th>").With(
            Markup.Join(row.Skip(1).Select(cell => (Markup)$"<td>{cell}</td>"))).With($"</tr>"))))
        .Add($"</tbody></table></div>");

    /// <summary>A table that a small script sorts by every column, with a field that searches it.</summary>
    /// <param name="id">Unique in the page.</param>
    /// <param name="columns">The columns; the first is the rows' heading.</param>
    /// <param name="rows">A cell for each column.</param>
    public static Markup SortableTable(
        string id, IReadOnlyList<HtmlColumn> columns, IEnumerable<IReadOnlyList<HtmlCell>> rows) => new Markup()
        .Add($"<p class=\"search\" hidden><label>Search <input type=\"search\" data-table=\"{id}\"></label></p>")
        .Add($"<div class=\"scroll tall\"><table class=\"sortable\" id=\"{id}\"><thead><tr>")
        .Add(Markup.Join(columns.Select(Heading)))
        .Add($"</tr></thead><tbody>")
        .Add(Markup.Join(rows.Select(row => ((Markup)$"<tr><th scope=\"row\">{row[0].Text}</th>").With(
            Markup.Join(row.Skip(1).Select((cell, i) => Cell(cell, columns[i + 1])))).With($"</tr>"))))
        .Add($"</tbody></table></div>");

    private static Markup Heading(HtmlColumn column) => column.IsNumber
        ? (Markup)$"<th scope=\"col\" data-sort=\"number\" class=\"n\">{column.Name}</th>"
        : $"<th scope=\"col\" data-sort=\"text\">{column.Name}</th>";

    private static Markup Cell(HtmlCell cell, HtmlColumn column)
    {
        if (!column.IsNumber)
            return $"<td>{cell.Text}</td>";
        return double.IsFinite(cell.Value)
            ? (Markup)$"<td class=\"n\" data-v=\"{cell.Value:0.####}\">{cell.Text}</td>"
            : $"<td class=\"n\">{cell.Text}</td>";
    }
}
