using System.Xml.Linq;
using Flixstock.Engine;

namespace Flixstock.Tests.Drawing;

/// <summary>Charts as SVG, and the markup that they are made of.</summary>
public sealed class ChartTests
{
    [Test]
    public void WhatIsInsertedIsTextAndOnlyMarkupIsMarkup()
    {
        const string Name = "<script>\"a\" & 'b'\u202e";
        Markup inner = $"<b>{Name}</b>";
        Assert.That(
            ((Markup)$"<p title=\"{Name}\">{inner}{1.5:0.##}</p>").ToString(),
            Is.EqualTo("<p title=\"&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39; \"><b>&lt;script&gt;&quot;a&quot; "
                + "&amp; &#39;b&#39; </b>1.5</p>"));
    }

    [Test]
    public void AChartIsWellFormedWhateverItsNames()
    {
        var chart = new Chart("a < b & \"c\"", ChartAxis.OfShares("x<"), ChartAxis.OfShares("y&"))
            .Line([(0, 0), (1, 1)], "t0", "<script>alert(1)</script>", dots: true).Mark(0.5, "<b>")
            .Point(0.5, 0.5, 0.2, 0.8, "t1", "'\"<");
        var xml = XElement.Parse(SvgPaper.Of(chart).ToString());
        Assert.That(xml.Descendants("script"), Is.Empty);
        Assert.That(xml.Descendants("text").Select(text => text.Value), Has.Member("<script>alert(1)</s…"));
    }

    [Test]
    public void ALineHasAGapWhereAValueIsMissing()
    {
        var path = Path(new Chart("c", ChartAxis.OfShares(""), ChartAxis.OfShares(""))
            .Line([(0, 0), (0.2, 0.2), (0.4, double.NaN), (0.6, 0.6), (1, 1)], "t0"));
        Assert.That(path.Count(c => c == 'M'), Is.EqualTo(2));
    }

    [Test]
    public void ALineHasNoMorePointsThanThePixelsThatItCovers()
    {
        var points = Enumerable.Range(0, 200_000).Select(i => (i / 2e5, i / 2e5)).ToList();
        var path = Path(new Chart("c", ChartAxis.OfShares(""), ChartAxis.OfShares("")).Line(points, "t0"));
        Assert.That(path, Has.Length.LessThan(20_000));
        Assert.That(path, Does.Match(@"L446 8\n?$"), "the last point is drawn");
    }

    [Test]
    public void AChartOfNothingHasAxesAndNoLine()
    {
        var chart = new Chart("c", ChartAxis.Around([], "x"), ChartAxis.Around([double.NaN], "y"))
            .Line([(0, double.NaN)], "t0", "name");
        Assert.That(SvgPaper.Of(chart).ToString(), Does.Contain("class=\"axis\"").And.Not.Contain("class=\"line"));
    }

    [TestCase(0, 1, "0 0.2 0.4 0.6 0.8 1")]
    [TestCase(0, 0.002, "0 5e-4 0.001 0.0015 0.002")]
    [TestCase(0, 83, "0 20 40 60 80")]
    [TestCase(-1, 1, "-1 -0.5 0 0.5 1")]
    public void TicksAreRoundNumbers(double low, double high, string expected) =>
        Assert.That(string.Join(' ', new ChartAxis(low, high).Ticks().Select(tick => tick.Text)), Is.EqualTo(expected));

    [Test]
    public void EpochsAreWholeAndRatiosHaveDecades()
    {
        Assert.That(
            new ChartAxis(1, 3) { Whole = true }.Ticks().Select(tick => tick.Text),
            Is.EqualTo(new[] { "1", "2", "3" }));
        Assert.That(
            new ChartAxis(1, 100_000, Logarithmic: true).Ticks().Select(tick => tick.Value),
            Is.EqualTo(new double[] { 1, 10, 100, 1000, 10_000, 100_000 }).Within(1e-6));
        Assert.That(new ChartAxis(1, 100, Logarithmic: true).At(10), Is.EqualTo(0.5).Within(1e-12));
    }

    [Test]
    public void ARangeOfOneValueIsWidened()
    {
        var axis = ChartAxis.Around([5, 5], "");
        Assert.That((axis.Low, axis.High), Is.EqualTo((4.5, 5.5)));
        Assert.That(ChartAxis.Around([0], "", zero: true).High, Is.EqualTo(1));
    }

    [Test]
    public void NamesAtLineEndsDoNotCoverEachOther()
    {
        var places = ChartLabels.Spread([100, 101, 20, 240], 20, 236);
        Assert.That(places.Order().Zip(places.Order().Skip(1), (a, b) => b - a), Has.All.GreaterThanOrEqualTo(15));
        Assert.That(places, Has.All.InRange(20, 236));
        Assert.That(places[0], Is.LessThan(places[1]), "in the order of the lines");
    }

    private static string Path(Chart chart) => XElement.Parse(SvgPaper.Of(chart).ToString()).Elements("path")
        .Single(path => path.Attribute("class")!.Value.StartsWith("line", StringComparison.Ordinal))
        .Attribute("d")!.Value;
}
