using System.Text;

namespace Flixstock.Survival;

/// <summary>Tables as Markdown, and the faults that were met, as they come.</summary>
internal sealed class Report
{
    private readonly StringBuilder _tables = new();

    private readonly List<string> _faults = [];

    /// <summary>Faults so far.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>All tables.</summary>
    public string Tables => _tables.ToString();

    public void Head(string title, string header)
    {
        _tables.Append($"\n### {title}\n\n{header}\n");
        Console.WriteLine($"== {title}");
    }

    public void Row(string row)
    {
        _tables.Append(row).Append('\n');
        Console.WriteLine(row);
    }

    public void Row(params string[] cells)
    {
        var shown = cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" "));
        Row($"| {string.Join(" | ", shown)} |");
    }

    public void Fault(string text)
    {
        _faults.Add(text);
        Console.WriteLine($"FAULT {text}");
    }

    public void Note(string text) => Console.WriteLine($"note  {text}");
}
