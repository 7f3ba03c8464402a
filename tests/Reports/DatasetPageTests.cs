using System.Text.RegularExpressions;
using Flixstock.Engine;

namespace Flixstock.Tests.Reports;

/// <summary>The page of a data set, and what it counts.</summary>
public sealed class DatasetPageTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        // red and round go together; blue is known of half of the pictures.
        var rows = Enumerable.Range(0, 20).Select(i => $"p{i}.jpg,{i % 2},{i % 2},{(i < 10 ? i % 3 / 2 : "")}");
        _folder.Write("train.csv", "filename,red,round,<b>blue\n" + string.Join('\n', rows) + "\n");
        _folder.Write("val.csv", "filename,red,round,<b>blue\nv0.jpg,1,0,1\nv1.jpg,0,1,0\n");
        for (var i = 0; i < 20; i++)
            _folder.Write($"p{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i, width: 40 + i, height: 40));
        _folder.Write("v0.jpg", TemporaryFolder.SmallJpeg(3, width: 43, height: 40)); // p3 once more
        _folder.Write("v1.jpg", TemporaryFolder.SmallJpeg(100, width: 80, height: 60));
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void ThePageShowsLeaksWithTheirPicturesAndNamesAreText()
    {
        var page = Page();
        Assert.That(page, Does.Contain("In two parts <small>1</small>").And.Contain("train/p3.jpg and val/v0.jpg"));
        Assert.That(page, Does.Contain("&lt;b&gt;blue").And.Not.Contain("<b>blue"));
        Assert.That(page, Does.Not.Match("(src|href)=\"(http|//)"), "it asks for nothing");
        Assert.That(Regex.Count(page, "<svg class=\"chart\""), Is.EqualTo(2 + 1 + 2));
        Assert.That(Regex.Count(page, "<use href=\"#p"), Is.GreaterThan(8), "the pair and examples of every class");
        Assert.That(Page(), Is.EqualTo(page));
    }

    [Test]
    public void WithoutPicturesOnlyTheirNamesAreThere()
    {
        var page = Page(pictures: 0);
        Assert.That(page, Does.Not.Contain("<use").And.Contain("p3.jpg"));
    }

    [Test]
    public void UnknownLabelsCountForNothingWhereClassesOccurTogether()
    {
        var (_, train) = Look().Parts[0];
        var counts = CoOccurrence.Of(train, 10);
        Assert.That(counts.Together[0, 1], Is.EqualTo(10), "red and round");
        Assert.That((counts.Known[0, 1], counts.Known[0, 2]), Is.EqualTo((10, 5)), "blue is known of half of the red");
        var pair = counts.Pairs(10)[0];
        Assert.That((pair.First, pair.Second, pair.Together), Is.EqualTo((0, 1, 10)));
        Assert.That((pair.Share, pair.Lift), Is.EqualTo((1.0, 2.0)));
        Assert.That(CoOccurrence.Of(train, 1).Classes, Has.Count.EqualTo(1));
    }

    private DatasetLook Look() =>
        new DatasetChecker(new DatasetSource(_folder.Path), new CheckOptions()).Look(null, CancellationToken.None);

    private string Page(int pictures = 24) => DatasetPage.Of(
        new DatasetFacts(_folder.Path, DatasetSummary.Of(new DatasetSource(_folder.Path)), Look()),
        new ReportOptions { Pictures = pictures });
}
