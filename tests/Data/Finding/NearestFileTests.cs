using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// A picture that is not there: the message names the file that is meant, in every layout. And one file that two rows
/// name.
/// </summary>
public class NearestFileTests
{
    private static readonly byte[] Picture = TemporaryFolder.SmallJpeg(1);

    [TestCase("t0.JPG", "images/t0.jpg", "images/t0.jpg", "upper and lower case")]
    [TestCase("t0", "images/t0.jpg", "images/t0.jpg", "ending is missing")]
    [TestCase("a.1", "images/a.1.png", "images/a.1.png", "ending is missing")]
    [TestCase("t0.jpg", "images/T0", "images/T0", "ending differs")]
    [TestCase("t0.jpg", "images/t0.png", "images/t0.png", "ending differs")]
    [TestCase("t0.jpeg", "t0.jpg", "t0.jpg", "ending differs")]
    [TestCase("t0.jpg", "images/train/t0.jpg", "images/train/t0.jpg", "another folder")]
    [TestCase("train/t0.jpg", "images/t0.jpg", "images/t0.jpg", "another folder")]
    [TestCase("Train/t0.jpg", "images/train/t0.jpg", "images/train/t0.jpg", "another folder")]
    public void ARowOfACsv(string named, string lies, string near, string difference)
    {
        using var folder = new TemporaryFolder();
        folder.Write("train.csv", $"filename,cat\n{named},1\n");
        folder.Write(lies, Picture);
        folder.Write("images/other.jpg", Picture);
        RequireNamed(folder, DatasetType.Csv, $"the picture '{named}' is not in", near, difference);
    }

    [Test]
    public void TheNearestOfSeveralIsNamed()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in new[] { "a/t0.jpg", "images/t0.txt", "images/t0.png", "images/T0.JPG", "__MACOSX/t0.jpg" })
            folder.Write(file, Picture);
        Assert.That(new NearestFile(folder.Path).Describe("t0.jpg", folder["images"]), Does.Contain("images/T0.JPG"));
        Assert.That(new NearestFile(folder.Path).Describe("b/t0.jpg", folder.Path), Does.Contain("a/t0.jpg"));
        Assert.That(new NearestFile(folder.Path).Describe("t1.jpg", folder.Path), Is.Empty);
        Assert.That(new NearestFile(folder["nowhere"]).Describe("t1.jpg", folder.Path), Is.Empty);
    }

    [TestCase(DatasetType.Coco, "train2017/p3.jpg", "train2017/P3.JPG", "train2017/P3.JPG")]
    [TestCase(DatasetType.Coco, "train2017/p3.jpg", "train2017/p3.png", "train2017/p3.png")]
    [TestCase(DatasetType.Lvis, "train2017/p3.jpg", "more/p3.jpg", "more/p3.jpg")]
    [TestCase(
        DatasetType.OpenImages, "train/train_1/0000000000abc003.jpg", "validation/0000000000abc003.jpg",
        "validation/0000000000abc003.jpg")]
    [TestCase(
        DatasetType.OpenImages, "train/train_1/0000000000abc003.jpg", "train/train_1/0000000000ABC003.jpg",
        "0000000000ABC003.jpg")]
    public void EveryOtherLayout(DatasetType type, string from, string to, string near)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        Directory.CreateDirectory(Path.GetDirectoryName(folder[to])!);
        File.Move(folder[from], folder[to]);
        RequireNamed(folder, type, "is not in", near, "(");
    }

    [Test]
    public void WhatASplitHasWritten()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Garments(folder);
        var first = FolderWalk.Files(folder["images_augmented/train/images"])[0];
        File.Move(
            folder[$"images_augmented/train/images/{first}"],
            folder[$"images_augmented/train/images/{first.ToUpperInvariant()}"]);
        RequireNamed(
            folder, DatasetType.Garments, "is not in", $"images_augmented/train/images/{first.ToUpperInvariant()}",
            "upper and lower case");
    }

    [Test]
    public void TheSplitNamesItToo()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(12);
        File.Move(folder["images_cleaned/images/p003.jpg"], folder["images_cleaned/images/P003.jpg"]);
        Assert.That(
            () => new DatasetSplitter(folder.Path, new SplitOptions()).Run(),
            Throws.InstanceOf<InputException>()
                .With.Message.Contains("row 5").And.Message
                .Contains("images/P003.jpg lies there (upper and lower case differ)").And.Message.Contains("SkipBad"));
    }

    [Test]
    public void TwoRowsOfOneFileAreRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("train.csv", "filename,cat\na.jpg,1\nimages/a.jpg,0\n");
        folder.Write("images/a.jpg", Picture);
        Assert.That(() => new DatasetSource(folder.Path).Load("train"), Throws.InstanceOf<InputException>()
            .With.Message.Contains("row 3").And.Message.Contains("row 2 names as 'a.jpg'").And.Message
            .Contains("keep one"));
        var faults = new DatasetChecker(new DatasetSource(folder.Path), new CheckOptions()).Run().Faults;
        Assert.That(faults.Select(fault => fault.Kind), Has.Member(FaultKind.Contradiction));
    }

    [Test]
    public void TwoPicturesOfOneImageIdAreRefused()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.OpenImages(folder);
        folder.Write($"train/train_9/{SmallDatasets.Identifier(3)}.png", Picture);
        Assert.That(() => new DatasetSource(folder.Path).Load("train"), Throws.InstanceOf<InputException>().With.Message
            .Contains("train_9").And.Message.Contains("train_1").And.Message.Contains("same ImageID"));
    }

    private static void RequireNamed(
        TemporaryFolder folder, DatasetType type, string what, string near, string difference) =>
        Assert.That(() => new DatasetSource(folder.Path, type).Load("train"), Throws.InstanceOf<InputException>()
            .With.Message.Contains(what).And.Message.Contains($"{near} lies there").And.Message.Contains(difference).And
            .Message.Contains("correct the name").And.Message.Not.Contains("\n"));
}
