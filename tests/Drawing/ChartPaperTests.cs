using System.Xml.Linq;
using Flixstock.Engine;

namespace Flixstock.Tests.Drawing;

/// <summary>Every kind of chart as a file: SVG and pixels in one look.</summary>
public sealed class ChartPaperTests
{
    private static readonly string[] Names = ["round", "V-neck & <b>", new('x', 200)];

    private static readonly string[] Kinds = ["lines", "bars", "stacked bars", "matrix", "grid"];

    [TestCaseSource(nameof(Kinds))]
    public void AChartIsTheSameInBothKindsOfFile(string kind)
    {
        var chart = Of(kind);
        var file = new ChartFile(new ChartPanel("A <title>", "A note that says how to read it.", chart));
        var svg = XElement.Parse(SvgPaper.File(file));
        var picture = SkiaPaper.Paint(file);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((picture.Width, picture.Height), Is.EqualTo((2 * file.Width, 2 * file.Height)));
            Assert.That(svg.Attribute("width")!.Value, Is.EqualTo($"{file.Width}"));
            Assert.That(svg.Descendants().Where(part => part.Name.LocalName == "b"), Is.Empty, "names are text");
            Assert.That(svg.Descendants().Any(part => part.Value == "A <title>"), Is.True);
            foreach (var tone in new[] { "t0", "t1" })
            {
                Assert.That(svg.ToString(), Does.Match($"class=\"(line|box|dot) {tone}"));
                Assert.That(HasHue(picture, tone), Is.True, tone);
            }
        }
    }

    [TestCaseSource(nameof(Kinds))]
    public void NothingIsDrawnOutsideTheChart(string kind)
    {
        var chart = Of(kind);
        var picture = SkiaPaper.Paint(chart, scale: 1);
        var wider = SkiaPaper.Paint(new ChartFile(new ChartPanel("", "", chart)), scale: 1);
        // Around the chart there is a margin of paper, whatever its names.
        Assert.That(FontTests.Ink(wider), Is.EqualTo(FontTests.Ink(picture)).Within(FontTests.Ink(picture) / 50));
    }

    [Test]
    public void ATitleIsWholeAboveANarrowChart()
    {
        var small = new Chart("s", ChartAxis.OfShares(""), ChartAxis.OfShares(""), 100, 60);
        const string Title = "Sleeve Length: what the model takes each label for";
        var picture = SkiaPaper.Paint(new ChartFile(new ChartPanel(Title, "", small)), scale: 1);
        for (var y = 0; y < picture.Height; y++)
        {
            var edge = picture.Pixels.AsSpan(((y * picture.Width) + picture.Width - 8) * 3, 24);
            Assert.That(edge.ContainsAnyExcept((byte)255), Is.False, $"row {y}: paper at the edge");
        }
    }

    [Test]
    public void AFileIsWrittenAsPngAndAsSvg()
    {
        using var folder = new TemporaryFolder();
        var png = Path.Combine(folder.Path, "chart.png");
        ChartFile.Save(png, new ChartPanel("t", "", Bars(BarLayout.Grouped)));
        Assert.That(Directory.GetFiles(folder.Path).Select(Path.GetFileName), Is.EquivalentTo(
            new[] { "chart.png", "chart.svg" }));
        Assert.That(File.ReadAllText(Path.Combine(folder.Path, "chart.svg")), Does.Contain(
            "prefers-color-scheme: dark").And.Not.Contain("var("), "programs that draw SVG know no variables of CSS");
    }

    [Test]
    public void BarsOfNegativeValuesLieOnTheOtherSideOfZero()
    {
        var chart = new BarChart("d", new ChartAxis(-2, 2), ["a", "b"], [new BarSeries("", "t0", [-1, 1])]);
        var boxes = XElement.Parse(SvgPaper.Of(chart).ToString()).Elements("rect").ToList();
        double Number(int i, string name) =>
            double.Parse(boxes[i].Attribute(name)!.Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(Number(0, "x") + Number(0, "width"), Is.EqualTo(Number(1, "x")).Within(0.11));
        Assert.That(Number(0, "width"), Is.EqualTo(Number(1, "width")).Within(0.11));
    }

    private static IChart Of(string kind)
    {
        var small = new Chart("small", ChartAxis.OfShares(""), ChartAxis.OfShares(""), 150, 104)
            .Line([(0, 0), (1, 1)], "t0").Line([(0, 1), (1, 0)], "t1");
        return kind switch
        {
            "lines" => new Chart("lines", ChartAxis.OfShares("x"), ChartAxis.OfShares("y"))
                .Line([(0, 0), (1, 1)], "t0", "name").Line([(0, 1), (1, 0)], "t1 dashed").Mark(0.5, "half"),
            "bars" => Bars(BarLayout.Grouped),
            "stacked bars" => Bars(BarLayout.Stacked),
            "matrix" => new MatrixChart(
                "matrix", Names, [[50, 1, 0], [0, 1_000_000, 2], [7, 0, 0]], [3, 0, 1], "unknown"),
            _ => new GridChart("grid", [.. Names.Select(name => (name, "AP 3", (IChart)small))], 2),
        };
    }

    private static BarChart Bars(BarLayout layout) => new BarChart(
        "bars", new ChartAxis(0, 300) { Name = "pictures" }, Names,
        [
            new BarSeries("positive", "t0", [10, double.NaN, 30]) { Text = value => $"{value:0}" },
            new BarSeries("negative", "t1", [100, 150, 0])
            {
                Intervals = [(90, 110), (double.NaN, double.NaN), (0, 0)],
            },
        ], layout).Mark(120, "limit");

    // Any pixel of about this colour, whatever its opacity: its strongest and weakest channel are the tone's.
    private static bool HasHue(RgbPicture picture, string tone)
    {
        var colour = Convert.FromHexString(ChartPalette.Light.Of(tone)[1..]);
        var (most, least) = (Array.IndexOf(colour, colour.Max()), Array.IndexOf(colour, colour.Min()));
        for (var i = 0; i < picture.Pixels.Length; i += 3)
        {
            var pixel = picture.Pixels.AsSpan(i, 3);
            if (pixel[most] - pixel[least] > 15)
                return true;
        }
        return false;
    }
}
