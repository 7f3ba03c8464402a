using Flixstock.Engine;

namespace Flixstock.Tests.Reports;

/// <summary>Charts and model card of an evaluation as files.</summary>
public sealed class EvaluationFolderTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void EveryChartIsThereAsPngAndSvgAndTheCardShowsIt()
    {
        var evaluation = Evaluated(30);
        EvaluationFolder.Write(_folder.Path, new CardSubject("run/best.safetensors", "/data", "val"), evaluation);
        var files = Directory.GetFiles(_folder.Path).Select(path => Path.GetFileName(path)!).ToList();
        var card = File.ReadAllText(_folder["card.md"]);
        var pictures = files.Where(file => file.EndsWith(".png", StringComparison.Ordinal)).ToList();
        Assert.That(pictures, Has.Count.EqualTo(6 + evaluation.Matrices.Count).And.Not.Empty);
        foreach (var picture in pictures)
        {
            Assert.That(files, Does.Contain(Path.ChangeExtension(picture, ".svg")));
            Assert.That(card, Does.Contain($"]({Uri.EscapeDataString(picture)})"));
        }
        Assert.That(EvaluationFolder.In(_folder.Path), Is.EquivalentTo(files), "the next evaluation replaces them all");
    }

    [Test]
    public void FilesOfTheUserAreNotTheEvaluations()
    {
        _folder.Write("notes.md", "mine");
        _folder.Write("cat.png", "mine");
        Assert.That(EvaluationFolder.In(_folder.Path), Is.Empty);
        Assert.That(EvaluationFolder.In(_folder["none"]), Is.Empty);
    }

    [TestCase("val", "chosen by these validation pictures")]
    [TestCase("train", "has learnt from these pictures")]
    public void TheCardSaysWhatItsNumbersAreWorth(string part, string said)
    {
        var card = new ModelCard(new CardSubject("m", "", part), Evaluated(20));
        Assert.That(string.Join('\n', card.Limits), Does.Contain(said));
        var test = new ModelCard(new CardSubject("m", "", "test"), Evaluated(20));
        Assert.That(string.Join('\n', test.Limits), Does.Not.Contain(said));
    }

    [Test]
    public void ANameIsNeitherATagNorALinkNorAColumn()
    {
        var card = new ModelCard(
            new CardSubject("a|b <script> [x](http://y)", "", "val"), Evaluated(20));
        var heading = card.ToMarkdown([]).Split('\n')[0];
        Assert.That(heading, Is.EqualTo("# a\\|b \\<script\\> \\[x\\](http://y)"));
    }

    // In a folder of its own: what is written stands alone in the other.
    private static RunEvaluation Evaluated(int pictures)
    {
        using var data = new TemporaryFolder();
        return ReportPageTests.Run(data, AttributeTable.Garments, pictures).Evaluation!;
    }
}
