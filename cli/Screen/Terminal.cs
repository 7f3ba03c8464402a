using System.Diagnostics;
using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// The look of everything printed, in one place. On a terminal: a progress line that renews itself, and tables and
/// sentences that fit its width. Into a pipe or a file: plain lines with full names, as long as they are, unless
/// COLUMNS says otherwise.
/// </summary>
internal sealed class Terminal
{
    /// <summary>Width if nothing reports the terminal's.</summary>
    public const int StandardWidth = 80;

    private const int NarrowestWidth = 20, WidthWithBar = 100, Bar = 16;
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10),
        LiveInterval = TimeSpan.FromMilliseconds(100);

    // UTF-8, and the writers of .NET's own strings.
    private static readonly int[] UnicodePages = [65001, 1200, 1201];

    private readonly TextWriter _output;
    private readonly Func<int?> _width;
    private readonly Lock _lock = new();
    private readonly Stopwatch _sinceProgress = new();
    private readonly TableText _tables;
    private readonly string _dots;
    private readonly LiveBlock? _block; // null: one line has to do
    private int _liveLength;
    private Action? _beforeNext;

    public Terminal(TextWriter output)
        : this(
            output, ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected,
            ReferenceEquals(output, Console.Out) ? OwnWidth : () => null, LiveBlock.IsSupported)
    {
    }

    /// <summary>A terminal of any kind.</summary>
    /// <param name="output">The writer of the terminal's output.</param>
    /// <param name="live">True on a terminal, false in a pipe.</param>
    /// <param name="width">Asked anew each time, for terminals are resized; null: lines may be of any length.</param>
    /// <param name="drawsBlocks">A terminal on which several lines can be drawn over themselves.</param>
    internal Terminal(TextWriter output, bool live, Func<int?> width, bool drawsBlocks = false)
    {
        (_output, Live, _width) = (output, live, width);
        _block = live && drawsBlocks ? new LiveBlock(output) : null;
        var unicode = UnicodePages.Contains(output.Encoding.CodePage);
        _dots = unicode ? "…" : "..";
        _tables = new TableText(unicode ? '─' : '-', _dots);
    }

    /// <summary>True on a terminal, false in a pipe.</summary>
    public bool Live { get; }

    /// <summary>True if progress may have lines below.</summary>
    public bool DrawsBlocks => _block is not null;

    /// <summary>Cells of a line, for text that needs a width even if none is known.</summary>
    public int Width => LineWidth ?? StandardWidth;

    /// <summary>Cells of a line; null: lines may be of any length.</summary>
    public int? LineWidth => _width() is { } width ? Math.Max(NarrowestWidth, width) : null;

    /// <summary>Nothing but results and errors is printed.</summary>
    public bool Quiet { get; set; }

    /// <summary>
    /// Does something before the next thing is printed: a remark about the work that belongs to no failure that comes
    /// before it.
    /// </summary>
    public void BeforeNext(Action action)
    {
        if (Quiet)
            return;
        lock (_lock)
            _beforeNext += action;
    }

    /// <summary>The text in one line, whatever it holds.</summary>
    public static string OneLine(string text) => HiddenCharacters.Blanked(text.ReplaceLineEndings(" "));

    /// <summary>A text of several lines, such as a stack trace, without anything that a terminal would obey.</summary>
    public static string Lines(string text) => HiddenCharacters.Blanked(text, lines: true);

    /// <summary>Writes a sentence for a person: broken between words if the writer is a terminal.</summary>
    public static void Write(TextWriter writer, string text)
    {
        var lines = ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected
            ? TextWidth.Wrap(text, Math.Max(NarrowestWidth, WindowWidth() ?? StandardWidth))
            : [text];
        foreach (var line in lines)
            writer.WriteLine(Lines(line));
    }

    /// <summary>A result for programs: JSON, whose strings have escapes for what a terminal would obey.</summary>
    public void Json(string json) => Line(HiddenCharacters.EscapedJson(json));

    /// <summary>
    /// Writes a result. A sentence is broken between words if the terminal is narrow; a text of several lines is
    /// printed as it is.
    /// </summary>
    public void Line(string text = "")
    {
        lock (_lock)
        {
            Announce();
            ClearLive();
            foreach (var line in LineWidth is { } width && !text.Contains('\n', StringComparison.Ordinal)
                ? Sentence(text, width)
                : [text])
            {
                _output.WriteLine(Lines(line));
            }
        }
    }

    /// <summary>
    /// Writes information that is not a result: progress, notes, what to do next. Not printed in quiet mode.
    /// </summary>
    public void Remark(string text = "")
    {
        if (!Quiet)
            Line(text);
    }

    /// <summary>A remark in parts, in one line if the terminal has room for their short forms.</summary>
    public void Remark(ProgressText parts)
    {
        if (!Quiet)
            Line(LineWidth is { } width ? parts.Fit(width, _dots) : parts.Fit(int.MaxValue));
    }

    /// <summary>
    /// Rows under a header. Numbers are aligned to the right by <paramref name="rightFrom"/>; if there is no room for
    /// all columns, the last go first.
    /// </summary>
    public void Table(string title, string[] header, IEnumerable<string[]> rows, int rightFrom = 1) =>
        Table(TablePage.Of(title, header, rows, rightFrom));

    /// <summary>A table, fitted into the terminal.</summary>
    public void Table(TablePage page)
    {
        lock (_lock)
        {
            Announce();
            ClearLive();
            foreach (var line in LineWidth is { } width ? _tables.Fitted(page, width) : TableText.Plain(page))
                _output.WriteLine(OneLine(line));
        }
    }

    /// <summary>A table that is no result: see <see cref="Remark(string)"/>.</summary>
    public void RemarkTable(TablePage page)
    {
        if (!Quiet)
            Table(page);
    }

    /// <summary>
    /// Reports progress: at most every 0.1 s on a terminal, every 10 s in a pipe; <paramref name="always"/> skips the
    /// wait.
    /// </summary>
    /// <param name="done">Share done, 0 to 1.</param>
    /// <param name="text">Description of the work, with figures.</param>
    /// <param name="always">True to print now.</param>
    public void Progress(double done, Func<string> text, bool always = false) =>
        Progress(done, () => new ProgressText(new ProgressPart(text())), always);

    /// <summary>
    /// Reports progress: at most every 0.1 s on a terminal, every 10 s in a pipe; <paramref name="always"/> skips the
    /// wait.
    /// </summary>
    /// <param name="done">Share done, 0 to 1.</param>
    /// <param name="text">Description of the work, with figures, the most important first.</param>
    /// <param name="always">True to print now.</param>
    /// <param name="below">Lines for below, if the terminal can draw several over themselves; null: none.</param>
    public void Progress(
        double done, Func<ProgressText> text, bool always = false, Func<IEnumerable<ProgressText>>? below = null)
    {
        lock (_lock)
        {
            if (Quiet || (!always && _sinceProgress.IsRunning
                && _sinceProgress.Elapsed < (Live ? LiveInterval : PlainInterval)))
            {
                return;
            }
            _sinceProgress.Restart();
            Announce();
            var width = Width;
            var share = $"{Math.Clamp(done, 0, 1),4:P0} ";
            if (!Live)
            {
                _output.WriteLine(share + OneLine(text().Fit(width - share.Length, _dots)));
                return;
            }
            var filled = (int)(Math.Clamp(done, 0, 1) * Bar);
            var bar = width >= WidthWithBar ? $"{new string('#', filled)}{new string('.', Bar - filled)} " : "";
            // The last cell stays free: some terminals move to the next line when it is written.
            var room = width - 1;
            var line = bar + share + OneLine(text().Fit(room - bar.Length - share.Length, _dots));
            if (below is not null && _block is not null)
            {
                ClearLine();
                _block.Draw([line, .. below().Select(more => OneLine(more.Fit(room, _dots)))], width);
                return;
            }
            _output.Write('\r' + TextWidth.Pad(line, Math.Min(_liveLength, room), right: false));
            _liveLength = TextWidth.Of(line);
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

    // A command line stays one that can be copied: a shell continues the line after a backslash. Windows' shells do
    // not; there it is left to the terminal.
    private static IEnumerable<string> Sentence(string text, int width) =>
        TextWidth.Wrap(text, width).SelectMany(line =>
            TextWidth.Of(line) > width && TextWidth.IsCommand(line) && !OperatingSystem.IsWindows()
                ? TextLayout.CommandLine(line.Trim(), width)
                : [line]);

    private void Announce()
    {
        var before = _beforeNext;
        _beforeNext = null;
        before?.Invoke();
    }

    private void ClearLive()
    {
        _block?.Clear(Width);
        ClearLine();
    }

    private void ClearLine()
    {
        if (_liveLength == 0)
            return;
        _output.Write('\r' + new string(' ', Math.Min(_liveLength, Width - 1)) + '\r');
        _liveLength = 0;
    }

    // A terminal says how wide it is; for a pipe, an exported COLUMNS says it.
    private static int? OwnWidth()
    {
        var columns = int.TryParse(
            Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None,
            CultureInfo.InvariantCulture, out var given) && given > 0
            ? given
            : (int?)null;
        return Console.IsOutputRedirected ? columns : WindowWidth() ?? columns ?? StandardWidth;
    }

    private static int? WindowWidth()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : null;
        }
        catch (IOException)
        {
            return null; // no terminal, whatever the streams say
        }
    }
}
