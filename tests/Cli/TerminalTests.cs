using Flixstock.Cli;

namespace Flixstock.Tests.Cli;

/// <summary>What a terminal of a given width gets, what a pipe gets, and what quiet leaves.</summary>
public sealed class TerminalTests
{
    private static readonly ProgressPart[] TrainingParts =
    [
        new("epoch 12/100"), new("loss 107.379"),
        new("3 of 12, rps 0.5, Selective with a very long name, seed 1", "3 of 12"),
        new("step 1234/56789", "step 1234"), new("lr 1.0e-3"),
    ];

    private static readonly ProgressText Training = ProgressText.Of(
        "1234.5 images/s", TimeSpan.FromMinutes(125), TrainingParts);

    [TestCase(60)]
    [TestCase(80)]
    [TestCase(120)]
    public void Progress_fits_begins_with_speed_and_time_left_and_leaves_the_last_cell_free(int width)
    {
        var (terminal, output) = Live(width);
        terminal.Progress(0.5, () => Training);
        var line = output.ToString().TrimStart('\r');
        Assert.That(TextWidth.Of(line), Is.LessThan(width));
        Assert.That(
            line,
            Does.Match(@"^([#.]+ )? ?50 % 1234\.5 images/s  2 h 05 min left  epoch 12/100").And.Not.Contain("\n"));
    }

    [Test]
    public void A_wide_terminal_gets_all_of_it_and_a_bar()
    {
        var (terminal, output) = Live(200);
        terminal.Progress(0.25, () => Training);
        Assert.That(
            output.ToString(),
            Does.Contain("####............").And.Contain("Selective with a very long name").And.Contain("lr 1.0e-3"));
    }

    [Test]
    public void The_width_is_asked_anew_so_that_a_resized_terminal_is_not_written_over_its_end()
    {
        var width = 150;
        var output = new StringWriter();
        var terminal = new Terminal(output, live: true, () => width);
        terminal.Progress(0.1, () => Training, always: true);
        output.GetStringBuilder().Clear();
        width = 60;
        terminal.Progress(0.2, () => Training, always: true);
        terminal.EndLine();
        Assert.That(
            output.ToString().Split('\r').Max(TextWidth.Of), Is.LessThan(60), "neither text nor what clears the line");
    }

    [Test]
    public void A_pipe_gets_lines_of_80_and_of_what_COLUMNS_says()
    {
        var output = new StringWriter();
        new Terminal(output).Progress(0.5, () => Training);
        Assert.That(output.ToString(), Does.StartWith("50 % 1234.5 images/s").And.EndWith(output.NewLine));
        Assert.That(output.ToString().TrimEnd(), Has.Length.LessThanOrEqualTo(80));
        output.GetStringBuilder().Clear();
        new Terminal(output, live: false, () => 40).Progress(0.5, () => Training);
        Assert.That(output.ToString().TrimEnd(), Has.Length.LessThanOrEqualTo(40).And.Contains("images/s"));
    }

    [Test]
    public void One_long_name_is_shortened_in_the_middle_and_never_breaks_the_line()
    {
        var (terminal, output) = Live(60);
        terminal.Progress(0.5, () => $"{new string('a', 100)}{new string('裙', 100)}end");
        Assert.That(output.ToString(), Does.Contain("aaa…").Or.Contain("aa…"));
        Assert.That(output.ToString(), Does.EndWith("裙end"));
        Assert.That(TextWidth.Of(output.ToString().TrimStart('\r')), Is.LessThan(60));
    }

    [Test]
    public void Sentences_break_between_words_and_command_lines_stay_in_one_piece()
    {
        var (terminal, output) = Live(60);
        terminal.Line("note: the 51 pictures of the part train that have no label at all are left out; "
            + "--keep-unlabelled keeps them");
        terminal.Line($"next: flixstock validate --data {new string('d', 60)} --weights run/best.safetensors");
        var lines = output.ToString().TrimEnd().Split(output.NewLine);
        var next = Array.IndexOf(lines, "next:");
        Assert.That(lines[..next], Has.All.Length.LessThanOrEqualTo(60));
        Assert.That(
            string.Join(' ', lines[..next].Select(line => line.Trim())),
            Does.StartWith("note: the 51 pictures").And.EndWith("--keep-unlabelled keeps them"));
        var command = $"flixstock validate --data {new string('d', 60)} --weights run/best.safetensors";
        Assert.That(
            string.Join('\n', lines[(next + 1)..]).Replace("\\\n", "", StringComparison.Ordinal)
                .Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Is.EqualTo(command.Split(' ')));
        Assert.That(
            lines.Where(line => line.Length > 60 && !line.Contains(new string('d', 60), StringComparison.Ordinal)),
            Is.Empty);
    }

    [Test]
    public void Texts_of_several_lines_and_pipes_are_left_alone()
    {
        var (terminal, output) = Live(30);
        var json = $"{{\n  \"a\": \"{string.Join(' ', Enumerable.Repeat("word", 20))}\"\n}}";
        terminal.Line(json);
        Assert.That(output.ToString(), Is.EqualTo(json + output.NewLine));
        var pipe = new StringWriter();
        var sentence = string.Join(' ', Enumerable.Repeat("word", 50));
        new Terminal(pipe).Line(sentence);
        Assert.That(pipe.ToString(), Is.EqualTo(sentence + pipe.NewLine));
    }

    [Test]
    public void Quiet_prints_results_only()
    {
        var (terminal, output) = Live(80);
        terminal.Quiet = true;
        terminal.BeforeNext(() => terminal.Line("note: a note"));
        terminal.Remark("next: something");
        terminal.Remark(Training);
        terminal.Progress(0.5, () => "working");
        terminal.RemarkTable(TablePage.Of("how it goes", ["a"], [["1"]], 1));
        terminal.Line("the result");
        terminal.Table("a result's table", ["b"], [["2"]]);
        Assert.That(
            output.ToString(),
            Does.StartWith("the result").And.Contain("a result's table").And.Not.Contain("how it goes"));
    }

    [Test]
    public void Speed_and_time_left_come_from_the_clock_and_begin_anew_with_a_stage()
    {
        var clock = new ManualClock();
        var speed = new ProgressSpeed(clock);
        Assert.That(
            speed.Text("", 1, 100, "images/s", "1 of 100").Fit(80), Is.EqualTo("1 of 100"), "too early to tell");
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(
            speed.Text("", 50, 100, "images/s", "50 of 100").Fit(80), Is.EqualTo("5.0 images/s  10 s left  50 of 100"));
        Assert.That(speed.Text("copying", 1, 100, "images/s", "1 of 100").Fit(80), Is.EqualTo("1 of 100"));
    }

    private static (Terminal Terminal, StringWriter Output) Live(int width)
    {
        var output = new StringWriter();
        return (new Terminal(output, live: true, () => width), output);
    }

    private sealed class ManualClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
