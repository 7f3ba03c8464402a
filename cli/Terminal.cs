using System.Diagnostics;
using Spectre.Console;

namespace Flixstock.Cli;

/// <summary>
/// The look of everything printed, in one place. On a terminal: tables with lines and a progress line that renews itself. Into a pipe or a file: plain
/// lines. File names and other people's text never pass as markup.
/// </summary>
internal sealed class Terminal
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10), LiveInterval = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _output;
    private readonly Lock _lock = new();
    private readonly Stopwatch _sinceProgress = new();
    private int _liveLength;
    private Action? _beforeNext;

    public Terminal(TextWriter output)
    {
        _output = output;
        Live = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
    }

    /// <summary>True on a terminal, false in a pipe.</summary>
    public bool Live { get; }

    /// <summary>Does something before the next thing is printed: a remark about the work that belongs to no failure that comes before it.</summary>
    public void BeforeNext(Action action)
    {
        lock (_lock)
            _beforeNext += action;
    }

    /// <summary>One line, whatever the text holds.</summary>
    public static string OneLine(string text) => string.Concat(text.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? ' ' : c));

    public void Line(string text = "")
    {
        lock (_lock)
        {
            Announce();
            ClearLive();
            _output.WriteLine(text);
        }
    }

    /// <summary>Rows under a header. Numbers are aligned to the right by <paramref name="rightFrom"/>.</summary>
    public void Table(string title, string[] header, IEnumerable<string[]> rows, int rightFrom = 1)
    {
        lock (_lock)
        {
            Announce();
            ClearLive();
            if (Live)
                LiveTable(title, header, rows, rightFrom);
            else
                PlainTable(title, header, [.. rows], rightFrom);
        }
    }

    /// <summary>Reports progress: at most every 0.1 s on a terminal, every 10 s in a pipe; <paramref name="always"/> skips the wait.</summary>
    /// <param name="done">Share done, 0 to 1.</param>
    /// <param name="text">What is happening, with figures.</param>
    /// <param name="always">Print now.</param>
    public void Progress(double done, Func<string> text, bool always = false)
    {
        lock (_lock)
        {
            if (!always && _sinceProgress.IsRunning && _sinceProgress.Elapsed < (Live ? LiveInterval : PlainInterval))
                return;
            _sinceProgress.Restart();
            Announce();
            if (!Live)
            {
                _output.WriteLine($"{done,4:P0} {text()}");
                return;
            }
            const int Width = 24;
            var filled = (int)(Math.Clamp(done, 0, 1) * Width);
            var line = $"{new string('#', filled)}{new string('.', Width - filled)} {done,4:P0} {text()}";
            var room = Math.Max(20, (Console.WindowWidth > 0 ? Console.WindowWidth : 80) - 1);
            line = line.Length > room ? line[..room] : line;
            _output.Write('\r' + line.PadRight(_liveLength));
            _liveLength = line.Length;
        }
    }

    /// <summary>Removes the progress line; the next progress shows at once.</summary>
    public void EndLine()
    {
        lock (_lock)
        {
            ClearLive();
            _sinceProgress.Reset();
        }
    }

    private void Announce()
    {
        var before = _beforeNext;
        _beforeNext = null;
        before?.Invoke();
    }

    private void ClearLive()
    {
        if (_liveLength == 0)
            return;
        _output.Write('\r' + new string(' ', _liveLength) + '\r');
        _liveLength = 0;
    }

    private void LiveTable(string title, string[] header, IEnumerable<string[]> rows, int rightFrom)
    {
        var table = new Table().Title(Markup.Escape(title)).Border(TableBorder.Rounded);
        for (var i = 0; i < header.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(header[i]));
            table.AddColumn(i >= rightFrom ? column.RightAligned() : column);
        }
        foreach (var row in rows)
            table.AddRow([.. row.Select(cell => Markup.Escape(OneLine(cell)))]);
        AnsiConsole.Write(table);
    }

    private void PlainTable(string title, string[] header, List<string[]> rows, int rightFrom)
    {
        string[][] all = [header, .. rows.Select(row => row.Select(OneLine).ToArray())];
        var widths = header.Select((_, i) => all.Max(row => row[i].Length)).ToArray();
        _output.WriteLine(title);
        foreach (var row in all)
            _output.WriteLine(("  " + string.Join("  ", row.Select((cell, i) => i >= rightFrom ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])))).TrimEnd());
    }
}
