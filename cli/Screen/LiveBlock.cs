using System.Text;

namespace Flixstock.Cli;

/// <summary>
/// Lines at the end of a terminal that are drawn over themselves, by ECMA-48's control sequences. A terminal that
/// became narrower has wrapped what was drawn: it is all taken away.
/// </summary>
/// <param name="output">The terminal.</param>
internal sealed class LiveBlock(TextWriter output)
{
    private const string EraseBelow = "\e[J";
    private readonly List<int> _cells = []; // of the lines that are drawn

    /// <summary>True on terminals that understand the sequences.</summary>
    public static bool IsSupported => OperatingSystem.IsWindows()
        ? Environment.GetEnvironmentVariable("WT_SESSION") is { Length: > 0 }
        : Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } kind && kind != "dumb";

    /// <summary>Draws lines in the place of the ones before.</summary>
    /// <param name="lines">Narrower than the terminal each.</param>
    /// <param name="width">Cells of a line of the terminal.</param>
    public void Draw(IReadOnlyList<string> lines, int width)
    {
        var text = new StringBuilder().Append(Erasing(width)).AppendJoin('\n', lines);
        output.Write(text.ToString());
        _cells.Clear();
        _cells.AddRange(lines.Select(TextWidth.Of));
    }

    /// <summary>Takes the lines away; nothing if there are none.</summary>
    /// <param name="width">Cells of a line of the terminal.</param>
    public void Clear(int width)
    {
        if (_cells.Count > 0)
            output.Write(Erasing(width));
        _cells.Clear();
    }

    private string Erasing(int width)
    {
        var rows = _cells.Sum(cells => Math.Max(1, (cells + width - 1) / width));
        return "\r" + (rows > 1 ? $"\e[{rows - 1}A" : "") + EraseBelow;
    }
}
