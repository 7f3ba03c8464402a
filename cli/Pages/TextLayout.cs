namespace Flixstock.Cli;

/// <summary>Texts in lines of a given width.</summary>
internal static class TextLayout
{
    private const int LabelColumn = 26;

    /// <summary>
    /// A text in lines that break between words; a word that is longer than a line is on a separate line.
    /// </summary>
    /// <param name="text">The text, without line breaks.</param>
    /// <param name="width">Length of a line in characters.</param>
    /// <param name="first">Text before the first line.</param>
    /// <param name="others">Text before the other lines.</param>
    /// <param name="broken">Behind every line but the last.</param>
    public static IEnumerable<string> Wrap(
        string text, int width, string first = "", string? others = null, string broken = "")
    {
        var (line, empty) = (first, true);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length; i++)
        {
            var ending = i + 1 < words.Length ? broken.Length : 0;
            if (!empty && line.Length + 1 + words[i].Length + ending > width)
            {
                yield return line + broken;
                (line, empty) = (others ?? first, true);
            }
            line += (empty ? "" : " ") + words[i];
            empty = false;
        }
        yield return line.TrimEnd();
    }

    /// <summary>Paragraphs; lines that begin with a space stay as they are, as in a listing.</summary>
    public static IEnumerable<string> Paragraphs(string text, int width, string indent = "")
    {
        var paragraph = new List<string>();
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.Length > 0 && line[0] != ' ')
            {
                paragraph.Add(line);
                continue;
            }
            foreach (var wrapped in Joined(paragraph, width, indent))
                yield return wrapped;
            paragraph.Clear();
            yield return (indent + line).TrimEnd();
        }
        foreach (var wrapped in Joined(paragraph, width, indent))
            yield return wrapped;
    }

    /// <summary>A command line to copy: broken before an option, in the shell's way of continuing a line.</summary>
    public static IEnumerable<string> CommandLine(string text, int width)
    {
        // A space that must not break is another character until the lines are made.
        const char Kept = '\u00a0';
        var pieces = text.Split(" -").Select((piece, i) => (i == 0 ? "" : "-") + piece.Replace(' ', Kept));
        return Wrap(string.Join(' ', pieces), width, "  ", "      ", " \\").Select(line => line.Replace(Kept, ' '));
    }

    /// <summary>Labels with their descriptions next to them, or below if a label is long.</summary>
    public static IEnumerable<string> Columns(IReadOnlyList<(string Label, string Text)> rows, int width)
    {
        var column = Math.Min(LabelColumn, rows.Max(row => row.Label.Length) + 4);
        foreach (var (label, text) in rows)
        {
            var own = 2 + label.Length + 2 > column;
            if (own)
                yield return "  " + label;
            var indent = new string(' ', column);
            foreach (var line in Wrap(text, width, own ? indent : $"  {label}".PadRight(column), indent))
                yield return line;
        }
    }

    private static IEnumerable<string> Joined(List<string> paragraph, int width, string indent) =>
        paragraph.Count == 0 ? [] : Wrap(string.Join(' ', paragraph), width, indent);
}
