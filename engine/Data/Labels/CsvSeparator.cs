using System.Text;

namespace Flixstock.Engine;

/// <summary>Tells what separates the cells of a CSV file.</summary>
internal static class CsvSeparator
{
    private const string Candidates = ",;\t|";
    private const int MostRows = 50;

    /// <summary>The separator of a file.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="text">Beginning of the file in UTF-8.</param>
    /// <param name="known">Headings of which one should occur.</param>
    /// <exception cref="InputException">Several could be meant.</exception>
    public static char Of(string path, ReadOnlySpan<byte> text, IReadOnlyList<string> known)
    {
        var rows = FirstRows(text);
        if (rows.Count == 0)
            return ',';
        if (rows[0].Trim() is ['s' or 'S', 'e' or 'E', 'p' or 'P', '=', var said])
            return char.IsAscii(said) ? said : throw Unclear(path, "sep= names a character that cannot separate");
        var possible = Candidates.Where(candidate => Cells(rows[0], candidate).Count > 1).ToList();
        if (possible.Count > 1)
        {
            var telling = possible.Where(candidate => Cells(rows[0], candidate)
                .Exists(cell => known.Contains(cell, StringComparer.OrdinalIgnoreCase))).ToList();
            var even = possible.Where(candidate => IsEven(rows, candidate)).ToList();
            possible = telling.Count > 0 ? telling : even.Count > 0 ? even : possible;
        }
        return possible.Count switch
        {
            0 => ',',
            1 => possible[0],
            _ => throw Unclear(
                path, $"the cells could be separated by {string.Join(" or by ", possible.Select(NameOf))}"),
        };
    }

    /// <summary>A separator as messages write it.</summary>
    public static string NameOf(char separator) => separator == '\t' ? "tabs" : $"'{separator}'";

    private static InputException Unclear(string path, string what) =>
        new($"{path}: row 1: {what}; separate by commas, and write names that hold one in quotes");

    private static bool IsEven(List<string> rows, char separator) =>
        rows.Select(row => Cells(row, separator).Count).Distinct().Count() == 1;

    // Records that are not empty, by the rules of quotes.
    private static List<string> FirstRows(ReadOnlySpan<byte> text)
    {
        var rows = new List<string>();
        var (start, quoted) = (0, false);
        for (var i = 0; i <= text.Length && rows.Count < MostRows; i++)
        {
            if (i < text.Length && text[i] == '"')
                quoted = !quoted;
            if (i < text.Length && (quoted || text[i] is not ((byte)'\n' or (byte)'\r')))
                continue;
            if (i > start)
                rows.Add(Encoding.UTF8.GetString(text[start..i]));
            start = i + 1;
        }
        return rows;
    }

    private static List<string> Cells(string row, char separator)
    {
        var cells = new List<string>();
        var (start, quoted) = (0, false);
        for (var i = 0; i <= row.Length; i++)
        {
            if (i < row.Length && row[i] == '"')
                quoted = !quoted;
            if (i < row.Length && (quoted || row[i] != separator))
                continue;
            cells.Add(row[start..i].Trim().Trim('"').Trim());
            start = i + 1;
        }
        return cells;
    }
}
