using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// What is a picture, a class and nobody's file; folders below folders; links that lead back; what this program wrote.
/// </summary>
public class PictureWalkTests
{
    private static readonly byte[] Picture = TemporaryFolder.SmallJpeg(1);

    [TestCase("a.jpg", true)]
    [TestCase("a.JPEG", true)]
    [TestCase("a.jfif", true)]
    [TestCase("a.JPE", true)]
    [TestCase("a.jif", true)]
    [TestCase("a.TIFF", true)]
    [TestCase("a.tif", true)]
    [TestCase("a.b.Png", true)]
    [TestCase("a.heic", false)]
    [TestCase("a", false)]
    [TestCase("a.txt", false)]
    [TestCase("._a.jpg", false)]
    [TestCase(".jpg", false)]
    public void APictureIsKnownByItsEnding(string name, bool expected) =>
        Assert.That(PictureNames.IsPicture($"x/{name}"), Is.EqualTo(expected));

    [TestCase(".ipynb_checkpoints")]
    [TestCase("__MACOSX")]
    [TestCase("@eaDir")]
    [TestCase(".AppleDouble")]
    [TestCase("#recycle")]
    [TestCase("$RECYCLE.BIN")]
    [TestCase("lost+found")]
    [TestCase(".git")]
    public void AFolderOfTheSystemIsNoClassAndHoldsNoPictures(string name)
    {
        using var folder = Classes("cat", "dog");
        folder.Write($"{name}/x.jpg", Picture);
        folder.Write($"cat/{name}/x.jpg", Picture);
        var files = AllFiles(folder);
        Assert.That(
            files, Is.EqualTo(new[] { "cat/0.jpg", "cat/1.jpg", "cat/2.jpg", "dog/0.jpg", "dog/1.jpg", "dog/2.jpg" }));
    }

    [TestCase("Thumbs.db")]
    [TestCase("desktop.ini")]
    [TestCase(".DS_Store")]
    [TestCase("._0.jpg")]
    public void AFileOfTheSystemIsNoPictureAndNotWorthALine(string name)
    {
        using var folder = Classes("cat", "dog");
        folder.Write($"cat/{name}", "x");
        var (pictures, others) = PassedOver.In(folder.Path);
        Assert.That(pictures, Has.Count.EqualTo(6));
        Assert.That(others.Lines(all: false), Is.Empty);
        Assert.That(others.Lines(all: true), Has.One.Contains($"cat/{name}"));
    }

    [Test]
    public void PicturesBelowAClassAreReadAndKeepTheirOwnNames()
    {
        using var folder = new TemporaryFolder();
        foreach (var part in new[] { "train", "val" })
        {
            folder.Write($"{part}/cat/a/1.jpg", Picture);
            folder.Write($"{part}/cat/b/1.jpg", Picture);
            folder.Write($"{part}/dog/deep/deeper/1.jfif", Picture);
        }
        var data = new DatasetSource(folder.Path).Load("train");
        Assert.That(data.Attributes.ClassNames, Is.EqualTo(new[] { "Class cat", "Class dog" }));
        Assert.That(
            data.Samples.Select(sample => sample.File),
            Is.EqualTo(new[] { "cat/a/1.jpg", "cat/b/1.jpg", "dog/deep/deeper/1.jfif" }));
        Assert.That(data.Samples.Select(sample => sample.ReadBytes()), Is.All.EqualTo(Picture));
    }

    [Test]
    public void LinksThatLeadBackEndTheWalk()
    {
        using var folder = Classes("train/cat", "train/dog", "val/cat", "val/dog");
        Directory.CreateSymbolicLink(folder["train/cat/self"], folder["train/cat"]);
        Directory.CreateSymbolicLink(folder["train/cat/up"], "../..");
        Directory.CreateSymbolicLink(folder["train/dog/up"], "..");
        Directory.CreateSymbolicLink(folder["train/dog/loop"], "loop");
        var data = new DatasetSource(folder.Path).Load("train");
        Assert.That(
            data.Samples.Select(sample => sample.File),
            Is.EqualTo(new[] { "cat/0.jpg", "cat/1.jpg", "cat/2.jpg", "dog/0.jpg", "dog/1.jpg", "dog/2.jpg" }));
    }

    [Test]
    public void ALinkToAFolderElsewhereIsFollowedOnce()
    {
        using var folder = Classes("cat", "dog");
        using var elsewhere = new TemporaryFolder();
        elsewhere.Write("more/x.jpg", Picture);
        // from elsewhere into the data set and round again
        Directory.CreateSymbolicLink(elsewhere["more/back"], folder.Path);
        Directory.CreateSymbolicLink(folder["cat/one"], elsewhere.Path);
        Directory.CreateSymbolicLink(folder["cat/two"], elsewhere.Path);
        Directory.CreateSymbolicLink(folder["bird"], elsewhere["more"]); // a class that is a link
        var (pictures, others) = PassedOver.In(folder["cat"]);
        Assert.That(pictures, Is.EqualTo(new[] { "0.jpg", "1.jpg", "2.jpg", "one/more/x.jpg" }));
        Assert.That(others.Groups.Single().Reason, Is.EqualTo(PassedOverReason.Loop));
        Assert.That(others.Groups.Single().Examples, Is.EqualTo(new[] { "two", "one/more/back" }));
        Assert.That(AllFiles(folder), Has.Member("bird/x.jpg"));
    }

    [Test]
    public void TheWalkCanBeStopped()
    {
        using var folder = Classes("cat", "dog");
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.That(
            () => FolderWalk.Pictures(folder.Path, stopped.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            () => new FolderFormat().Load(new PartRequest(folder.Path, "train") { Cancellation = stopped.Token }),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("run.json")]
    [TestCase("two_stage.json")]
    [TestCase("demo.json")]
    [TestCase("dataset.json")]
    [TestCase("attributes_train.csv")]
    [TestCase(MadeFolders.Mark)]
    public void AFolderThatThisProgramWroteIsNoClass(string sign)
    {
        using var folder = Classes("cat", "dog");
        folder.Write($"made/{sign}", "{}");
        folder.Write("made/labelled/x.jpg", Picture);
        folder.Write($"cat/made/{sign}", "{}");
        folder.Write("cat/made/sub/x.jpg", Picture);
        Assert.That(AllFiles(folder), Has.None.Contains("made"));
        Assert.That(
            PassedOver.In(folder.Path).Others.Lines(all: false),
            Has.One.Contains("charts written by this program: cat/made, made"));
    }

    [Test]
    public void AClassIntoWhichAResultWasWrittenStaysAClass()
    {
        using var folder = Classes("cat", "dog");
        folder.Write("cat/run.json", "{}");
        folder.Write("cat/curves.png", Picture);
        folder.Write("dog/review.csv", "");
        folder.Write("dog/review.png", Picture);
        folder.Write("dog/curves.png", Picture); // no run here: the user's
        Assert.That(AllFiles(folder), Is.EqualTo(
            new[] { "cat/0.jpg", "cat/1.jpg", "cat/2.jpg", "dog/0.jpg", "dog/1.jpg", "dog/2.jpg", "dog/curves.png" }));
    }

    [Test]
    public void OnlyAFolderWithoutAnythingOfTheUsersIsMarked()
    {
        using var folder = Classes("cat", "dog");
        MadeFolders.MarkNew(folder["cat"], "infer");
        MadeFolders.MarkNew(folder["new"], "infer");
        Directory.CreateDirectory(folder["empty"]);
        MadeFolders.MarkNew(folder["empty"], "infer");
        Assert.That(
            new[] { "cat", "new", "empty" }.Select(name => File.Exists(folder[$"{name}/{MadeFolders.Mark}"])),
            Is.EqualTo(new[] { false, true, true }));
    }

    [Test]
    public void NeitherARawSplitNorAnEditorsCopyIsTakenForFoldersOfClasses()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(12);
        Assert.That(
            () => new DatasetSource(folder.Path).Resolve(),
            Throws.InstanceOf<InputException>().With.Message.Contains("no data set is recognised"));
        folder.Write("images_cleaned/images/._p000.jpg", "AppleDouble");
        new DatasetSplitter(folder.Path, new SplitOptions { Augment = false }).Run();
        Assert.That(new DatasetSource(folder.Path).Resolve().Recognised?.ToString(), Does.Not.Contain("folders"));
    }

    private static TemporaryFolder Classes(params string[] names)
    {
        var folder = new TemporaryFolder();
        foreach (var name in names)
        {
            for (var i = 0; i < 3; i++)
                folder.Write($"{name}/{i}.jpg", Picture);
        }
        return folder;
    }

    private static string[] AllFiles(TemporaryFolder folder) =>
        [.. DatasetLayout.Parts.SelectMany(part => new DatasetSource(folder.Path).Load(part).Samples
            .Select(sample => sample.File)).Order(StringComparer.Ordinal)];
}
