using Flixstock.Engine;

namespace Flixstock.Tests.Drawing;

/// <summary>Contact sheets: sizes, captions that are whole, marks that differ without colours.</summary>
public sealed class ContactSheetTests
{
    private static readonly SheetCaption Long = new(
        "Sleeve Length", "three-quarter sleeves with cuffs", "sleeveless and off the shoulder (93\u00A0%)",
        "photos/2024/summer/garment_with_a_very_long_name_0001_front.jpg", AnswerMark.Wrong);

    [Test]
    public void ASheetTakesPicturesOfDifferentSizes()
    {
        SheetPicture Of(int width, int height, string subject) =>
            new(() => new RgbPicture(width, height), new SheetCaption(subject, "", "", ""));
        SheetPart[] parts =
        [
            new("one", [Of(1, 1, ""), Of(300, 20, "wide"), Of(5, 900, new string('w', 300))]), new("nothing", []),
            new("two", [Of(8, 8, "")]),
        ];
        var sheet = ContactSheet.Paint(parts, columns: 2, cell: 64, title: "three and one", note: "small print");
        Assert.That(sheet.Width, Is.EqualTo(604), "wide enough for its title");
        Assert.That(ContactSheet.Paint(parts, columns: 3, cell: 200).Width, Is.EqualTo((3 * 216) + 16));
        var bare = ContactSheet.Paint([new("", [Of(8, 8, "")])], columns: 2, cell: 64);
        Assert.That(sheet.Height, Is.GreaterThan(3 * bare.Height), "three rows, a title, two headings");
    }

    [Test]
    public void ACaptionGoesOnInASecondLineInsteadOfBeingCut()
    {
        Assert.That(Lines(Long), Is.EqualTo(new[]
        {
            "Sleeve Length", "label", "three-quarter", "sleeves with cuffs", "model", "sleeveless and off",
            "the shoulder (93\u00A0%)", "photos/2024/summer/…ame_0001_front.jpg",
        }).Using<string>((shown, expected) => expected.Contains('…', StringComparison.Ordinal)
            ? shown.Contains('…', StringComparison.Ordinal) && shown.EndsWith("_front.jpg", StringComparison.Ordinal)
            : shown == expected));
    }

    [Test]
    public void ARowIsAsHighAsItsLongestCaption()
    {
        var short_ = Long with { Label = "long", Model = "short" };
        Assert.That(Paint(Long).Height - Paint(short_).Height, Is.EqualTo(2 * 17), "two lines more");
    }

    [Test]
    public void MarksDifferInFormAndNotOnlyInColour()
    {
        var forms = new[] { AnswerMark.None, AnswerMark.Right, AnswerMark.Wrong, AnswerMark.Unknown }
            .Select(mark => Canvas.Draw(20, 20, canvas => AnswerMarks.Draw(canvas, mark, 0, 0, 20)))
            .Select(picture => string.Concat(Enumerable.Range(0, 400).Select(i => Grey(picture, i) < 200 ? '#' : ' ')))
            .ToList();
        Assert.That(forms, Is.Unique);
        Assert.That(forms[0].Trim(), Is.Empty);
        Assert.That(forms[2][0..3], Is.EqualTo(" ##").Or.EqualTo("###"), "the square reaches its corner");
        Assert.That(forms[1][0..3], Is.EqualTo("   "), "the disc does not");
    }

    /// <summary>A sheet of one white picture.</summary>
    internal static RgbPicture Paint(SheetCaption caption)
    {
        var white = new RgbPicture(8, 8, [.. Enumerable.Repeat((byte)255, 8 * 8 * 3)]);
        return ContactSheet.Paint([new("", [new(() => white, caption)])]);
    }

    private static int Grey(RgbPicture picture, int i) =>
        (picture.Pixels[i * 3] + picture.Pixels[(i * 3) + 1] + picture.Pixels[(i * 3) + 2]) / 3;

    private static IEnumerable<string> Lines(SheetCaption caption)
    {
        using var font = EmbeddedFont.Create(13);
        using var small = EmbeddedFont.Create(11);
        return new CaptionBlock(caption, 180, font, small).Texts;
    }
}
