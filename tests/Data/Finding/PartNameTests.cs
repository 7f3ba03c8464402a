using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Parts by other names and in other letters; two that could be meant; few pictures.</summary>
public class PartNameTests
{
    private static readonly byte[] Picture = TemporaryFolder.SmallJpeg(1);

    [TestCase("train", "valid", "test")]
    [TestCase("Train", "Val", "Test")]
    [TestCase("TRAIN", "VALIDATION", "TESTING")]
    [TestCase("training", "validation", "testing")]
    [TestCase("training_set", "dev", "test_set")]
    [TestCase("Train-Set", "Valid set", "test")]
    public void FoldersOfParts(string train, string validation, string test)
    {
        using var folder = new TemporaryFolder();
        foreach (var part in new[] { train, validation, test })
        {
            folder.Write($"{part}/cat/{part}.jpg", Picture);
            folder.Write($"{part}/dog/{part}.jpg", Picture);
        }
        var source = new DatasetSource(folder.Path);
        Assert.That(
            DatasetLayout.Parts.Select(part => source.Load(part).Samples[0].File),
            Is.EqualTo(new[] { train, validation, test }.Select(name => $"cat/{name}.jpg")));
        Assert.That(DatasetSummary.Of(source).Parts, Has.Count.EqualTo(3));
    }

    [TestCase("Train.csv", "Valid.CSV")]
    [TestCase("training.csv", "validation.csv")]
    [TestCase("TRAIN.CSV", "dev.csv")]
    public void LabelFilesOfParts(string train, string validation)
    {
        using var folder = new TemporaryFolder();
        folder.Write(train, "filename,cat,dog\na.jpg,1,0\n");
        folder.Write(validation, "filename,dog,cat\nb.jpg,1,0\n");
        folder.Write("a.jpg", Picture);
        folder.Write("b.jpg", Picture);
        var source = new DatasetSource(folder.Path);
        Assert.That(source.Resolve().Recognised?.ToString(), Does.Contain(train));
        Assert.That(source.Load("train").Samples.Single().File, Is.EqualTo("a.jpg"));
        Assert.That(
            source.Load("val").Samples.Single().Labels, Is.EqualTo(new sbyte[] { 0, 1 }),
            "columns in the order of the training part");
        Assert.That(source.Has("test"), Is.False);
    }

    [TestCase("Train", "valid")]
    [TestCase("training", "validation")]
    public void ShardsOfParts(string train, string validation)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Shards(folder);
        foreach (var file in Directory.GetFiles(folder.Path, "*.tar"))
        {
            File.Move(file, file.Replace("train-", train + "-", StringComparison.Ordinal)
                .Replace("val-", validation + "-", StringComparison.Ordinal));
        }
        var source = new DatasetSource(folder.Path);
        Assert.That(
            new[] { "train", "val" }.Select(part => source.Load(part).Samples.Count), Is.EqualTo(new[] { 8, 4 }));
    }

    [Test]
    public void TwoThatCouldBeMeantAreNamed()
    {
        using var folder = new TemporaryFolder();
        foreach (var part in new[] { "train", "val", "valid" })
        {
            folder.Write($"{part}/cat/1.jpg", Picture);
            folder.Write($"{part}/dog/1.jpg", Picture);
        }
        Assert.That(() => new DatasetSource(folder.Path).Load("val"), Throws.InstanceOf<InputException>().With.Message
            .Contains("'val' and 'valid'").And.Message.Contains("rename"));
        Directory.Delete(folder["val/cat"], recursive: true);
        Directory.Delete(folder["val/dog"], recursive: true);
        Assert.That(
            new DatasetSource(folder.Path).Load("val").Samples, Has.Count.EqualTo(2), "an empty folder is not meant");
        folder.Write("train.csv", "filename,cat\n");
        folder.Write("Train.csv", "filename,cat\n");
        Assert.That(
            () => new DatasetSource(folder.Path, DatasetType.Csv).Load("train"),
            Throws.InstanceOf<InputException>().With.Message.Contains("'Train.csv' and 'train.csv'"));
    }

    [Test]
    public void AClassMayBeCalledAsAPart()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "bus", "train", "tram" })
        {
            for (var i = 0; i < 4; i++)
                folder.Write($"{name}/{i}.jpg", Picture);
        }
        Assert.That(
            new DatasetSource(folder.Path).Load("train").Attributes.ClassNames,
            Is.EqualTo(new[] { "Class bus", "Class train", "Class tram" }));
    }

    [Test]
    public void WhereTheTrainingPartIsMissingTheOthersAreReadAndItsAbsenceIsSaid()
    {
        using var folder = new TemporaryFolder();
        folder.Write("valid/cat/1.jpg", Picture);
        folder.Write("valid/dog/1.jpg", Picture);
        var source = new DatasetSource(folder.Path);
        Assert.That(source.Load("val").Samples, Has.Count.EqualTo(2));
        Assert.That(() => source.Load("train"), Throws.InstanceOf<InputException>().With.Message
            .Contains("no such folder").And.Message.Contains("there is valid/"));
    }

    [Test]
    public void FewPicturesOfFoldersReachEveryPart([Range(2, 12)] int count)
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < count; i++)
            folder.Write($"{(i % 2 == 0 ? "cat" : "dog")}/{i}.jpg", Picture);
        var source = new DatasetSource(folder.Path);
        var parts = DatasetLayout.Parts.Where(source.Has).Select(part => source.Load(part).Samples.Count).ToArray();
        Assert.That(parts.Sum(), Is.EqualTo(count));
        Assert.That(parts, Has.Length.EqualTo(Math.Min(3, count)).And.All.GreaterThan(0));
        Assert.That(parts[0], Is.EqualTo(parts.Max()));
    }
}
