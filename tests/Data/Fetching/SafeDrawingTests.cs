using System.Text;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Data.Fetching;

/// <summary>SVG drawings of others: what is read of them, what is refused, and what is painted.</summary>
public sealed class SafeDrawingTests
{
    private const string Start = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" """
        + """xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:note="http://example.org/note" """;

    private static readonly Func<byte[], byte[]> Paint = DrawingParts.Painter(32);

    [Test]
    public void TagsAreReadAndWhatIsNotDrawnIsTakenOut()
    {
        var drawing = Read($"""
            <?xml version="1.0"?>
            <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.0//EN" "http://localhost:1/svg10.dtd" [
              <!ENTITY colour "#ff0000">
            ]>
            {Start} note:path="C:\cafe\a.svg">
              <metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
                xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>
                <rdf:li> Animal</rdf:li><rdf:li>big
                  cat</rdf:li><rdf:li></rdf:li><rdf:li>animal</rdf:li></rdf:Bag></dc:subject></rdf:RDF></metadata>
              <script>alert(1)</script>
              <a xlink:href="http://localhost:1/"><rect id="r" width="20" height="20" fill="&colour;"/></a>
              <note:view href="http://localhost:1/"/>
              <text x="20">words</text>
            </svg>
            """);
        Assert.That(drawing.Tags, Is.EqualTo(new[] { "animal", "big cat" }));
        var svg = Encoding.UTF8.GetString(drawing.Svg);
        Assert.That(svg, Does.Contain("#ff0000").And.Not.Contain("DOCTYPE").And.Not.Contain("localhost")
            .And.Not.Contain("script").And.Not.Contain("cafe").And.Not.Contain("words")
            .And.Not.Contain("subject"));
        Assert.That(Colour(Paint(drawing.Svg), 16, 16), Is.EqualTo("ff0000"));
    }

    private static IEnumerable<TestCaseData<string, string>> Refused()
    {
        yield return Case("an element without end", $"{Start}><g></svg>", "not XML");
        yield return Case("nothing", "", "not XML");
        yield return Case("a page", "<html/>", "it is no SVG but <html>");
        yield return Case(
            "a picture's file", $"{Start}><image xlink:href=\"/home/a/cat.png\" width=\"9\" height=\"9\"/></svg>",
            "it refers to another file: /home/a/cat.png");
        yield return Case(
            "a picture", $"{Start}><image xlink:href=\"data:image/png;base64,AAAA\"/></svg>",
            "it is made of a picture of pixels");
        yield return Case(
            "a drawing elsewhere", $"{Start}><use href=\"http://localhost:1/b.svg#x\"/></svg>",
            "it refers to another file: http://localhost:1/b.svg#x");
        yield return Case(
            "a colour elsewhere", $"{Start}><rect fill=\"url( 'file:///etc/passwd#x')\"/></svg>",
            "it refers to another file: url( 'file:");
        yield return Case(
            "styles elsewhere", $"{Start}><style>@import 'a.css';</style></svg>",
            "its styles may refer to other files");
        yield return Case(
            "an escape", $"{Start}><g style=\"fill:u\\72l(a.svg)\"/></svg>", "its styles may refer to other files");
        yield return Case(
            "an entity elsewhere",
            $"<!DOCTYPE svg [<!ENTITY own SYSTEM \"file:///etc/passwd\">]>{Start}><text>&own;</text></svg>",
            "it refers to another file: an entity of its document type");
        yield return Case(
            "a bomb of entities", $"<!DOCTYPE svg [{Entities()}]>{Start}><text>&e9;</text></svg>", "not XML");
        yield return Case(
            "deep", Nested(SafeDrawing.Deepest + 1), $"nested more than {SafeDrawing.Deepest} levels deep");
        yield return Case("a bomb of uses", Used(9), $"it has more than {SafeDrawing.MostElements} elements");
        yield return Case(
            "a ring", $"{Start}><g id=\"a\"><use href=\"#b\"/></g><g id=\"b\"><use xlink:href=\"#a\"/></g></svg>",
            "an element in it refers to itself");
        yield return Case(
            "a chain", Chain(SafeDrawing.Deepest), $"lead more than {SafeDrawing.Deepest} levels deep");
        yield return Case(
            "large", $"{Start}><!--{new string('a', SafeDrawing.LargestFile)}--></svg>",
            $"it has more than {SafeDrawing.LargestFile >> 20} MB");
    }

    [TestCaseSource(nameof(Refused))]
    public void WhatReachesOutOrGrowsWithoutBoundIsRefusedInOneLine(string text, string said)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(text))!;
        Assert.That(error.Message, Does.Contain(said).And.Not.Contain("\n"));
    }

    [Test]
    public void WhatIsWithinTheBoundsIsRead()
    {
        Assert.That(Read(Nested(SafeDrawing.Deepest - 1)).Svg, Is.Not.Empty);
        Assert.That(Paint(Read(Used(2)).Svg), Has.Some.Not.EqualTo(255));
    }

    [Test]
    public void ADrawingFillsThePictureInItsMiddle()
    {
        // The page is wide and empty but for a square of 4 in its corner.
        var pixels = Paint(Read($"{Start}><rect x=\"36\" width=\"4\" height=\"4\" fill=\"#0000ff\"/></svg>").Svg);
        Assert.That(pixels, Has.Length.EqualTo(32 * 32 * 3));
        foreach (var (x, y) in new[] { (3, 3), (28, 3), (16, 16), (28, 28) })
            Assert.That(Colour(pixels, x, y), Is.EqualTo("0000ff"), $"{x}, {y}");
        Assert.That(Colour(pixels, 0, 16), Is.EqualTo("ffffff"));
        Assert.That(Colour(pixels, 16, 31), Is.EqualTo("ffffff"));
    }

    [TestCase("<rect width=\"4\" height=\"4\" fill=\"none\"/>", "nothing in it can be seen")]
    [TestCase("<rect width=\"4\" height=\"4\" fill=\"#fff\"/>", "nothing is to be seen on white")]
    public void WhatShowsNothingIsNoPicture(string content, string said) => Assert.That(
        () => Paint(Read($"{Start}>{content}</svg>").Svg),
        Throws.TypeOf<InvalidDataException>().With.Message.EqualTo(said));

    [Test]
    public void PaintingEndsWhenItsTimeIsOver() => Assert.That(
        () => DrawingParts.Painter(32, TimeSpan.Zero)(Read(Used(4)).Svg),
        Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("it takes longer than 0 s"));

    [Test]
    public void ThePicturesOfOthersAreStillDecodedByTheEnginesOwnSkia()
    {
        Paint(Read($"{Start}><rect width=\"4\" height=\"4\"/></svg>").Svg);
        var loaded = AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => assembly.GetName().Name == "SkiaSharp").Select(assembly => assembly.GetName().Version);
        Assert.That(typeof(SkiaSharp.SKBitmap).Assembly.GetName().Version!.Major, Is.EqualTo(3));
        Assert.That(loaded.Select(version => version!.Major), Is.EquivalentTo(new[] { 3, 4 }));
    }

    private static TestCaseData<string, string> Case(string name, string text, string said)
    {
        var test = new TestCaseData<string, string>(text, said);
        test.SetArgDisplayNames(name);
        return test;
    }

    private static SafeDrawing Read(string text) => SafeDrawing.Read(Encoding.UTF8.GetBytes(text));

    private static string Colour(byte[] pixels, int x, int y) =>
        Convert.ToHexStringLower(pixels.AsSpan(((y * 32) + x) * 3, 3));

    private static string Entities() => "<!ENTITY e0 \"0123456789\">" + string.Concat(Enumerable.Range(1, 9).Select(
        i => $"<!ENTITY e{i} \"{string.Concat(Enumerable.Repeat($"&e{i - 1};", 10))}\">"));

    private static string Nested(int levels) => $"{Start}>{string.Concat(Enumerable.Repeat("<g>", levels))}"
        + $"{string.Concat(Enumerable.Repeat("</g>", levels))}</svg>";

    // Ten times as many squares with every level.
    private static string Used(int levels) => $"{Start}><rect id=\"u0\" width=\"4\" height=\"4\"/>"
        + string.Concat(Enumerable.Range(1, levels).Select(
            i => $"<g id=\"u{i}\">{string.Concat(Enumerable.Repeat($"<use xlink:href=\"#u{i - 1}\"/>", 10))}</g>"))
        + "</svg>";

    private static string Chain(int levels) => $"{Start}>" + string.Concat(Enumerable.Range(0, levels).Select(
        i => $"<g id=\"c{i}\"><use href=\"#c{i + 1}\"/></g>")) + "</svg>";
}
