using Flixstock.Engine;

namespace Flixstock.Tests.Drawing;

public sealed class TextLinesTests
{
    [TestCase("")]
    [TestCase("round")]
    [TestCase("a long text of several words which goes on in the next line")]
    [TestCase("photos/2024/Summer_Collection-front.view/garment_000123456789.jpg")]
    [TestCase("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")]
    [TestCase("👗👗👗👗👗👗👗👗👗👗👗👗👗👗👗👗👗👗👗👗")]
    public void NoLineIsWiderThanItsRoomAndNothingIsLeftOutWhileThereAreLines(string text)
    {
        using var font = EmbeddedFont.Create(12);
        foreach (var width in new[] { 60f, 100, 250 })
        {
            var lines = TextLines.Wrap(text, font, width, most: 50);
            Assert.That(lines.Select(line => font.MeasureText(line)), Is.All.LessThanOrEqualTo(width));
            Assert.That(
                string.Concat(lines).Replace(" ", "", StringComparison.Ordinal),
                Is.EqualTo(text.Replace(" ", "", StringComparison.Ordinal)));
            Assert.That(lines.All(line => line.Length == 0 || !char.IsLowSurrogate(line[0])), "no character is torn");
        }
    }

    [Test]
    public void WordsStayWholeWhereTheyFit()
    {
        using var font = EmbeddedFont.Create(12);
        Assert.That(
            TextLines.Wrap("vertical stripes and dots", font, font.MeasureText("vertical stripes") + 5, most: 2),
            Is.EqualTo(new[] { "vertical stripes", "and dots" }));
    }

    [Test]
    public void WhereNoLineIsLeftTheMiddleIsMissing()
    {
        using var font = EmbeddedFont.Create(12);
        var name = "garment_of_the_summer_collection_00017.jpg";
        var lines = TextLines.Wrap(name, font, 120, most: 1);
        Assert.That(lines, Has.Count.EqualTo(1));
        Assert.That(lines[0], Does.StartWith("garm").And.EndsWith("00017.jpg").And.Contain("…"));
        Assert.That(font.MeasureText(lines[0]), Is.InRange(100, 120));
        Assert.That(TextLines.Shorten(name, font, 1), Is.EqualTo("…"), "room for nothing");
    }
}
