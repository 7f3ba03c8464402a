using System.Text;
using System.Text.RegularExpressions;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>The lines that a training draws over themselves, as a terminal shows them.</summary>
public sealed partial class LiveViewTests
{
    private static readonly TrainingProgress At = new(
        12, 100, 1234, 56789, 107.379f, 1.25e-4, 1234.5, TimeSpan.FromMinutes(125), DataWait: 0.024);

    [Test]
    public void ATrainingIsThreeLinesOf80Columns()
    {
        var screen = new Screen(80);
        var (terminal, view) = (new Terminal(screen, live: true, () => 80, drawsBlocks: true), View());
        for (var i = 0; i < 3; i++)
            Show(terminal, view);
        Assert.That(screen.Rows, Is.EqualTo(new[]
        {
            " 2 % 1234.5 images/s  2 h 05 min left  epoch 12/100  step 1234/56789",
            "loss 107.379  smoothed 107.379  lr 1.3e-4  wait 2 %  memory 1.5 GiB",
            "epoch 11  mAP 56.78 % (+1.20)  averaged 58.90 % (-0.40)  val 107.900",
        }));
        Assert.That(screen.Rows, Has.All.Length.LessThan(80));
    }

    [Test]
    public void WhatIsPrintedInBetweenStandsAboveAndNothingOfTheLinesIsLeft()
    {
        var screen = new Screen(80);
        var (terminal, view) = (new Terminal(screen, live: true, () => 80, drawsBlocks: true), View());
        Show(terminal, view);
        terminal.Remark("note: something happened");
        Show(terminal, view);
        Assert.That(screen.Rows[0], Is.EqualTo("note: something happened"));
        Assert.That(screen.Rows, Has.Count.EqualTo(4));
        terminal.EndLine();
        Assert.That(screen.Rows, Is.EqualTo(new[] { "note: something happened" }));
    }

    // A terminal wraps what it shows when it becomes narrower.
    [TestCase(200, 40)]
    [TestCase(80, 30)]
    [TestCase(40, 120)]
    public void AResizedTerminalShowsTheLinesOnce(int before, int after)
    {
        var (width, view) = (before, View());
        var screen = new Screen(before);
        var terminal = new Terminal(screen, live: true, () => width, drawsBlocks: true);
        Show(terminal, view);
        screen.Resize(width = after);
        Show(terminal, view);
        Assert.That(screen.Rows, Has.Count.EqualTo(3));
        Assert.That(screen.Rows, Has.All.Length.LessThan(after));
        Assert.That(screen.Rows.Count(row => row.Contains("images/s", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public void OneLineHasToDoWhereLinesCannotBeDrawnOverThemselves()
    {
        var output = new StringWriter();
        var terminal = new Terminal(output, live: true, () => 80);
        Show(terminal, View());
        Assert.That(output.ToString(), Does.Contain("loss 107.379").And.Not.Contain("\e").And.Not.Contain("smoothed"));
        var pipe = new StringWriter();
        Show(new Terminal(pipe), View());
        Assert.That(pipe.ToString().TrimEnd(), Does.Contain("loss 107.379").And.Not.Contain("\n"));
    }

    [Test]
    public void TheSmoothedLossIsThatOfTheStepsBefore()
    {
        var view = new TrainingView(() => null);
        foreach (var loss in new[] { 0f, 10, 20 }) // 0: not known yet
            view.Add(loss);
        // (0.98 * 0.02 * 10 + 0.02 * 20) / (1 - 0.98^2)
        Assert.That(view.Below(At).Single().Fit(200), Does.Contain("smoothed 15.051").And.Not.Contain("memory"));
    }

    private static TrainingView View()
    {
        var view = new TrainingView(() => 3L << 29);
        view.Add(Epoch(10, 0.5558, 0.593, 108));
        view.Add(Epoch(11, 0.5678, 0.589, 107.9));
        view.Add(At.Loss);
        return view;
    }

    private static EpochSummary Epoch(int epoch, double map, double average, double loss) =>
        new(epoch, epoch * 10, 100, 1e-4, map, average, 0, 0, false, 1, 1, loss, loss);

    private static void Show(Terminal terminal, TrainingView view) => terminal.Progress(
        (double)At.Step / At.Steps, () => TrainingView.First(At, "", isAlone: !terminal.DrawsBlocks), always: true,
        () => view.Below(At));

    /// <summary>The little of a terminal that is needed: rows that are wrapped anew when it is resized.</summary>
    private sealed partial class Screen(int width) : StringWriter
    {
        private readonly List<(string Text, bool Wraps)> _rows = [("", false)];
        private int _width = width, _row, _column;

        public override Encoding Encoding => Encoding.UTF8;

        /// <summary>What is shown, without empty rows at the end.</summary>
        public IReadOnlyList<string> Rows
        {
            get
            {
                var rows = _rows.ConvertAll(row => row.Text.TrimEnd());
                while (rows.Count > 0 && rows[^1].Length == 0)
                    rows.RemoveAt(rows.Count - 1);
                return rows;
            }
        }

        public override void Write(string? value)
        {
            foreach (Match part in Parts().Matches(value ?? ""))
                Obey(part);
        }

        public override void WriteLine(string? value) => Write(value + "\n");

        public void Resize(int width)
        {
            // The cursor is at the end of the last row, and stays there.
            var lines = new List<string>();
            var joins = false;
            foreach (var (text, wraps) in _rows)
            {
                if (joins)
                    lines[^1] += text;
                else
                    lines.Add(text);
                joins = wraps;
            }
            _rows.Clear();
            foreach (var line in lines)
            {
                var chunks = line.Length == 0 ? [""] : line.Chunk(width).Select(chunk => new string(chunk)).ToList();
                _rows.AddRange(chunks.Select((chunk, i) => (chunk, i < chunks.Count - 1)));
            }
            (_width, _row, _column) = (width, _rows.Count - 1, _rows[^1].Text.Length);
        }

        private void Obey(Match part)
        {
            if (part.Value == "\r")
            {
                _column = 0;
            }
            else if (part.Value == "\n")
            {
                (_row, _column) = (_row + 1, 0);
                if (_row == _rows.Count)
                    _rows.Add(("", false));
            }
            else if (part.Groups["up"].Success)
            {
                _row -= int.Parse(part.Groups["up"].Value, System.Globalization.CultureInfo.InvariantCulture);
            }
            else if (part.Value == "\e[J")
            {
                _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
                _rows[_row] = (_rows[_row].Text[..Math.Min(_column, _rows[_row].Text.Length)], false);
            }
            else
            {
                Assert.That(_column + part.Length, Is.LessThan(_width), "the last cell stays free");
                var text = _rows[_row].Text.PadRight(_column);
                _rows[_row] = (text[.._column] + part.Value + (text.Length > _column + part.Length
                    ? text[(_column + part.Length)..]
                    : ""), false);
                _column += part.Length;
            }
        }

        [GeneratedRegex(
            "\\e\\[(?<up>[0-9]+)A|\\e\\[J|\\r|\\n|[^\\e\\r\\n]+", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
        private static partial Regex Parts();
    }
}
