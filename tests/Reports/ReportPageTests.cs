using System.Text.RegularExpressions;
using Flixstock.Engine;

namespace Flixstock.Tests.Reports;

/// <summary>The page of runs that were made up: its size, its parts, and what it may not contain.</summary>
public sealed class ReportPageTests
{
    private const int Most = 5_000_000;

    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    private static IEnumerable<TestCaseData> Tables()
    {
        static string[] Many(int count) => [.. Enumerable.Range(0, count).Select(k => $"class number {k}")];
        yield return new TestCaseData(AttributeTable.Garments, 1000).SetArgDisplayNames("21 classes, 1000 pictures");
        yield return new TestCaseData(AttributeTable.OfClasses(Many(500)), 400).SetArgDisplayNames("500 classes");
        yield return new TestCaseData(
            new AttributeTable([new AttributeGroup("kind", "kind", 500, Many(500))]), 1000)
            .SetArgDisplayNames("an attribute of 500 classes");
    }

    [TestCaseSource(nameof(Tables))]
    public void ThePageIsBounded(AttributeTable table, int pictures)
    {
        var page = Page(Run(table, pictures));
        Assert.That(page, Has.Length.LessThan(Most));
        Assert.That(Regex.Count(page, "class=\"chart\""), Is.LessThanOrEqualTo(8 + 30));
        Assert.That(Rows(page, "run0-classes-table"), Is.EqualTo(table.ClassCount), "the table has every class");
    }

    [Test]
    public void ThereIsRoomForSoManyPicturesAndTheMostImportantComeFirst()
    {
        var run = Run(AttributeTable.Garments, 100);
        var all = ReportPage.Of([run], new ReportOptions { Pictures = 5 });
        var few = ReportPage.Of([run], new ReportOptions { Pictures = 5, ThumbnailBytes = 60_000, Places = 12 });
        Assert.That(Regex.Count(all, "<use "), Is.GreaterThan(100));
        Assert.That(Regex.Count(few, "<use "), Is.InRange(5, 12));
        Assert.That(few.Split("<defs>")[1].Split("</defs>")[0], Has.Length.LessThan(60_000 + 1000));
        Assert.That(few.Split("Labels that disagree")[1].Split("<h3>")[0], Does.Contain("<use "));
    }

    [Test]
    public void NothingIsAskedOfTheNetwork()
    {
        var page = Page(Run(AttributeTable.Garments, 12));
        Assert.That(page, Does.Contain("default-src 'none'").And.Not.Contain("http://").And.Not.Contain("https://"));
        Assert.That(Regex.Matches(page, "(?:src|href)=\"([^\"]*)\"").Select(match => match.Groups[1].Value),
            Has.All.Match("^(#|data:image/jpeg;base64,)"));
    }

    [Test]
    public void EveryAnchorLeadsToOnePlace()
    {
        var page = Page(Run(AttributeTable.Garments, 60), Run(AttributeTable.Garments, 60, "other"));
        var ids = Regex.Matches(page, " id=\"([^\"]*)\"").Select(match => match.Groups[1].Value).ToList();
        Assert.That(ids, Is.Unique);
        var wanted = Regex.Matches(page, "href=\"#([^\"]*)\"").Select(match => match.Groups[1].Value).Distinct();
        Assert.That(wanted, Is.SubsetOf(ids));
        Assert.That(ids, Has.Some.Match("^run1-a0-[0-6]-[0-6]$"), "the pictures behind a cell");
        Assert.That(ids, Has.Some.Match("^run1-a2-u-\\d$"), "those without a label");
    }

    [Test]
    public void APictureIsInThePageOnceHoweverOftenItIsShown()
    {
        var page = Page(Run(AttributeTable.Garments, 12), Run(AttributeTable.Garments, 12, "other"));
        Assert.That(Regex.Count(page, "<image "), Is.EqualTo(12));
        Assert.That(Regex.Count(page, "<use "), Is.GreaterThan(60));
    }

    [Test]
    public void CellsAndPicturesSayWhatLabelAndModelSay()
    {
        var page = Page(Run(AttributeTable.Garments, 12));
        Assert.That(page, Does.Match("<span>label (unknown|Neck \\d)</span><span>model \\d+ % Neck \\d</span>"));
        Assert.That(page, Does.Match("<figure title=\"p\\d+.jpg: label [^\"]+, model [^\"]+\">"));
        Assert.That(page, Does.Contain("label ↓ model →").And.Contain("<tbody class=\"unknown\">"));
    }

    [Test]
    public void WithoutPicturesThereAreNone()
    {
        var run = Run(AttributeTable.Garments, 12);
        var page = ReportPage.Of([run], new ReportOptions { Pictures = 0 });
        Assert.That(page, Does.Not.Contain("<image ").And.Contain("class=\"confusion\""));
    }

    [Test]
    public void APictureThatIsGoneIsLeftOut()
    {
        var run = Run(AttributeTable.Garments, 3);
        var samples = run.Evaluation!.Dataset.Samples;
        var gone = run.Evaluation.Dataset.WithSamples(
            [.. samples.Select((sample, i) => i == 0 ? sample with { Path = _folder["gone.bin"] } : sample)]);
        var page = Page(run with { Evaluation = run.Evaluation with { Dataset = gone } });
        Assert.That(Regex.Count(page, "<image "), Is.EqualTo(2));
    }

    [Test]
    public void EqualRunsGiveEqualPages()
    {
        var (first, second) = (Run(AttributeTable.Garments, 12), Run(AttributeTable.Garments, 12));
        Assert.That(Page(first), Is.EqualTo(Page(second)));
    }

    [Test]
    public void ARunWithoutEpochsSaysSo()
    {
        var run = Run(AttributeTable.Garments, 3);
        run = run with { Epochs = [], Evaluation = null, WhyNot = "because <it> is so." };
        Assert.That(Page(run), Does.Contain("No epoch is finished yet").And.Contain("because &lt;it&gt; is so."));
    }

    [Test]
    public void TheLossByStepIsDrawnWhereTheRunKeptIt()
    {
        var rows = Enumerable.Range(1, 3000).Select(step => $"{step},{(step + 999) / 1000},{step % 2},0.1,1e-3");
        _folder.Write("steps.csv", "step,epoch,loss,loss_per_label,learning_rate\n" + string.Join('\n', rows) + "\n");
        var steps = StepLosses.Read(_folder.Path);
        Assert.That(steps, Has.Count.EqualTo(600));
        Assert.That(
            steps[0], Is.EqualTo(new StepLoss(5, 1, 3 / 5.0, 1e-3) { PerLabel = 0.1 }), "the mean of five steps");
        File.AppendAllText(_folder["steps.csv"], "3001,4,0.5,0.1,1e");
        Assert.That(StepLosses.Read(_folder.Path), Is.EqualTo(steps), "a row that was cut off by a kill");
        var page = Page(Run(AttributeTable.Garments, 3) with { Steps = steps });
        Assert.That(page, Does.Contain("class=\"line ink thin\""));
        _folder.Write("steps.csv", "step,epoch\n1,1\n");
        Assert.That(
            () => StepLosses.Read(_folder.Path),
            Throws.TypeOf<InputException>().With.Message.Contains("steps.csv").And.Message.Contains("'loss'"));
        File.Delete(_folder["steps.csv"]);
        Assert.That(StepLosses.Read(_folder.Path), Is.Empty);
    }

    [Test]
    public void NamesOfRunsAreAsShortAsTheyStayDifferent()
    {
        Assert.That(RunReport.Names(["/a/b", "/a/c"]), Is.EqualTo(new[] { "b", "c" }));
        Assert.That(RunReport.Names(["/a/run", "/b/run"]), Is.EqualTo(new[] { "a/run", "b/run" }));
        Assert.That(RunReport.Names(["/only/run/"]), Is.EqualTo(new[] { "run" }));
    }

    private static string Page(params RunReport[] runs) => ReportPage.Of(runs, new ReportOptions());

    private static int Rows(string page, string table) =>
        Regex.Count(page.Split($"id=\"{table}\"")[1].Split("</table>")[0].Split("<tbody>")[1], "<tr>");

    private RunReport Run(AttributeTable table, int pictures, string name = "run") =>
        Run(_folder, table, pictures, name);

    // Noise, of which JPEG makes the largest files, at as many places of one file as there are pictures.
    internal static RunReport Run(TemporaryFolder folder, AttributeTable table, int pictures, string name = "run")
    {
        var random = new SeededRandom(7);
        var noise = new RgbPicture(Thumbnails.Side, Thumbnails.Side);
        for (var i = 0; i < noise.Pixels.Length; i++)
            noise.Pixels[i] = (byte)random.Next(256);
        var jpeg = PictureWriter.EncodeJpeg(noise, 70);
        var file = folder.Write($"pictures-{pictures}.bin", [.. Enumerable.Repeat(jpeg, pictures).SelectMany(b => b)]);
        var samples = Enumerable.Range(0, pictures).Select(i => new Sample($"p{i}.jpg", file, Labels(table, random))
        {
            Offset = (long)i * jpeg.Length,
            ByteCount = jpeg.Length,
        });
        var data = new ImageDataset(table, [.. samples]);
        var logits = Enumerable.Range(0, pictures * table.ClassCount).Select(_ => (random.Next(2001) - 1000) / 200f);
        using var model = Model(table);
        var options = new ReportOptions { Resamples = 20 };
        var facts = new RunFacts(
            $"/runs/{name}", "/data", "CPU", "fp32", "0.1.0", "", "tiny", "100", $"{pictures}", [("seed", "1")]);
        var epochs = Enumerable.Range(1, 3).Select(epoch => new EpochSummary(
            epoch, epoch * 1000, 3.0 / epoch, 1e-3 / epoch, 0.2 * epoch, 0.1 * epoch, 0.1, 0.1, true, 1, 100, 3, 4));
        return new RunReport(name, facts, [.. epochs], [])
        {
            Evaluation = RunEvaluation.Of([.. logits], data, model, options, training: PartLabels.Of(data)),
        };
    }

    private static sbyte[] Labels(AttributeTable table, SeededRandom random) => table.Independent
        ? [.. Enumerable.Range(0, table.ClassCount).Select(_ => (sbyte)(random.Next(3) - 1))]
        : table.Labels([.. table.Groups.Select(group => random.Next(group.Classes + 1) - 1)]);

    private static Checkpoint Model(AttributeTable table) => new()
    {
        State = new StateDict(),
        Model = new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.0625, Classes = table.ClassCount },
        Attributes = table,
        Preparation = new(32),
    };
}
