using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>
/// Tables at the widths of terminals: no line is longer, no word is broken, and what has no room is named.
/// </summary>
public sealed class TableWidthTests
{
    private static readonly int[] Widths = [40, 60, 80, 120];

    [TestCaseSource(nameof(Widths))]
    public void No_line_of_a_wide_table_is_longer_and_every_word_in_it_is_whole(int width)
    {
        var lines = Lines(Classes(), width);
        Assert.That(lines.Select(TextWidth.Of), Has.All.LessThanOrEqualTo(width));
        var words = Classes().Columns.SelectMany(column => column.Heading.Split(' '))
            .Concat(Classes().Rows.SelectMany(row => row.Cells.SelectMany(cell => cell.Split(' '))))
            .Concat("Each class, in percent no room for: all is in f.json".Split(' ')).ToHashSet();
        // A name that is too long is shortened, which its dots show; everything else is whole.
        var broken = lines.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(word => !word.Contains('…') && word[0] != '─')
            .Where(word => !words.Contains(word) && !words.Contains(word.TrimEnd(',', ';'))).ToList();
        Assert.That(broken, Is.Empty);
    }

    [Test]
    public void The_columns_with_the_highest_number_go_first_and_a_line_says_where_they_are()
    {
        var text = string.Join(' ', Lines(Classes(), 60).Select(line => line.Trim()));
        Assert.That(text, Does.Contain("no room for:").And.Contain("all is in f.json").And.Contain("AP"));
        Assert.That(Lines(Classes(), 200), Has.None.Contains("no room for"));
        var shown = Lines(Classes(), 80)[1..4];
        Assert.That(string.Join(' ', shown), Does.Contain("95 %").And.Not.Contain("threshold"));
    }

    [Test]
    public void An_attribute_is_a_heading_and_is_not_said_again_in_every_cell()
    {
        var lines = Lines(Classes(), 80);
        Assert.That(lines.Count(line => line.Contains("Neck", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(lines, Has.Some.Matches<string>(line => line!.StartsWith("    V-neck ", StringComparison.Ordinal)));
    }

    [Test]
    public void A_pipe_gets_all_columns_and_full_names_in_one_line_a_row()
    {
        var lines = Lines(Classes(), null);
        Assert.That(lines, Has.Length.EqualTo(2 + Classes().Rows.Count));
        Assert.That(lines[1], Does.Contain("AP, unknown as negative"));
        Assert.That(lines, Has.Some.Contains("Neck V-neck"));
    }

    [TestCaseSource(nameof(Widths))]
    public void Wide_characters_count_two_cells_and_columns_stay_in_line(int width)
    {
        var page = new TablePage(
            "裙子 (skirts)", [TableColumn.Name("类别"), TableColumn.Number("there")],
            [new("长裙长裙长裙长裙长裙长裙长裙长裙长裙长裙长裙长裙长裙长裙长裙长裙长裙", "12345"), new("e\u0301te\u0301", "7"), new("plain", "123")]);
        var lines = Lines(page, width);
        Assert.That(lines.Select(TextWidth.Of), Has.All.LessThanOrEqualTo(width));
        Assert.That(lines[3..].Select(TextWidth.Of).Distinct().Count(), Is.EqualTo(1), "numbers end in the same cell");
    }

    [TestCase(60)]
    [TestCase(80)]
    public void Long_names_keep_their_beginning_and_their_end(int width)
    {
        var page = TablePage.Of("", ["file", "probability"], [[$"first{new string('x', 200)}last.jpg", "0.9876"]], 1);
        Assert.That(Lines(page, width)[^1], Does.Match(@"^  firstx+…x+last\.jpg  0?.*0\.9876$"));
    }

    [TestCase(60)]
    [TestCase(80)]
    [TestCase(120)]
    public void Sentences_in_cells_go_on_below_and_stay_whole(int width)
    {
        var sentence = "not there, not required: CUDA driver was not found, install NVIDIA's driver (Debian: "
            + "nvidia-driver; Windows and others: nvidia.com/drivers)";
        var lines = Lines(
            TablePage.Of(
                "Libraries", ["library", "version", "file"],
                [["CUDA driver", "", sentence], ["NVTX", "3.1", "x"]], int.MaxValue),
            width);
        Assert.That(lines.Select(TextWidth.Of), Has.All.LessThanOrEqualTo(width));
        var cell = string.Join(' ', lines[3..^1].Select(line => line["  CUDA driver           ".Length..].Trim()));
        Assert.That(cell, Is.EqualTo(sentence));
    }

    [Test]
    public void A_terminal_too_narrow_for_the_narrowest_columns_is_not_written_over()
    {
        var page = TablePage.Of("t", ["class", "number"], [["a class", "12345678901234567890"]], 1);
        Assert.That(Lines(page, 20).Select(TextWidth.Of), Has.All.LessThanOrEqualTo(20));
    }

    [TestCase(60)]
    [TestCase(80)]
    [TestCase(120)]
    public void Predictions_stand_next_to_each_other_where_there_is_room_and_below_each_other_where_not(int width)
    {
        var attributes = new AttributeTable([.. Enumerable.Range(0, 6)
            .Select(i => new AttributeGroup($"Attribute {i}", $"a{i}", 2, [$"one of {i}", $"other of {i}"]))]);
        var labels = attributes.Groups
            .Select((group, i) => new PredictedLabel(group.Name, group.ClassName(1), 1, 0.75f)).ToArray();
        var output = new StringWriter();
        PredictionPages.Print(
            new Terminal(output, live: true, () => width), attributes,
            [(ShownNames.Of(["some/folder/garment_00021.jpg"])[0], new Prediction([], labels))]);
        var lines = output.ToString().TrimEnd().Split(output.NewLine);
        Assert.That(lines.Select(TextWidth.Of), Has.All.LessThanOrEqualTo(width));
        var text = string.Join('\n', lines);
        for (var i = 0; i < 6; i++)
            Assert.That(text, Does.Contain($"other of {i} 75 %").And.Not.Contain($"Attribute {i} other"));
        Assert.That(text, Does.Contain("garment_00021.jpg"));
    }

    private static TablePage Classes() => new(
        "Each class, in percent",
        [
            TableColumn.Name("class"), TableColumn.Number("there"), TableColumn.Number("not there", 3),
            TableColumn.Number("unknown", 4), TableColumn.Number("AP"), TableColumn.Number("95 %", 1),
            TableColumn.Number("F1", 2), TableColumn.Number("balanced acc.", 5), TableColumn.Number("calibration", 6),
            TableColumn.Number("threshold", 7), TableColumn.Number("AP, unknown as negative", 8),
        ],
        [
            .. Enumerable.Range(0, AttributeTable.Garments.ClassCount).Select(k => TableRow.OfClass(
                GarmentNames.Attributes, k, "1234", "5678", "91", "100.00", "100.0 to 100.0", "99.99", "50.00", "31.58",
                "0.123", "84.92")),
        ])
    {
        Elsewhere = "all is in f.json",
    };

    private static string[] Lines(TablePage page, int? width)
    {
        var output = new StringWriter();
        new Terminal(output, live: width is not null, () => width).Table(page);
        return output.ToString().TrimEnd().Split(output.NewLine);
    }
}
