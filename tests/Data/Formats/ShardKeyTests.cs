using System.Formats.Tar;
using System.Text;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// Keys of shards: a name up to its first dot, never with two pictures or two files of labels in silence; and what is
/// nobody's in a tar file.
/// </summary>
public class ShardKeyTests
{
    private static readonly byte[] Picture = TemporaryFolder.SmallJpeg(1);

    private static IEnumerable<TestCaseData> Twice()
    {
        yield return new TestCaseData("img_0.0.jpg img_0.0.cls img_0.1.jpg img_0.1.cls", "img_0.1.jpg", "img_0.0.jpg")
            .SetName("names with dots");
        yield return new TestCaseData("a.jpg a.cls a.png", "a.png", "a.jpg").SetName("two endings");
        yield return new TestCaseData("a.jpg a.seg.png a.cls", "a.seg.png", "a.jpg").SetName("a mask");
        yield return new TestCaseData("d.x/a.jpg d.x/a.cls d.x/a.2.jpg d.x/a.2.cls", "d.x/a.2.jpg", "d.x/a.jpg")
            .SetName("in a folder with a dot");
        yield return new TestCaseData("a.jpg a.cls a.jpg a.cls", "a.jpg", "a.jpg (at byte")
            .SetName("the same file again");
        yield return new TestCaseData("a.jpg a.cls b.jpg b.cls a.jpg a.cls", "'a' comes back", "a.jpg (at byte")
            .SetName("the same key again, behind another");
        yield return new TestCaseData("a.cls a.jpg a.left.cls", "second file of labels", "a.cls")
            .SetName("two files of labels");
        yield return new TestCaseData("a.jpg a.json a.cls", "other labels of 'a'", "a.json")
            .SetName("labels that contradict each other");
    }

    [TestCaseSource(nameof(Twice))]
    public void ASecondFileUnderOneKeyIsRefusedNamingBoth(string names, string second, string first)
    {
        using var folder = new TemporaryFolder();
        folder.Write(
            "dataset.json",
            """{"attributes": [{"name": "Class", "column": "class", "classes": 3, "classNames": ["0", "1", "2"]}]}""");
        Write(folder["train-0.tar"], names.Split(' '));
        Assert.That(() => new DatasetSource(folder.Path).Load("train"), Throws.InstanceOf<InputException>()
            .With.Message.Contains("train-0.tar").And.Message.Contains(second).And.Message.Contains(first).And.Message
            .Contains("ShardPacker").And.Message.Not.Contains("\n"));
    }

    [Test]
    public void KeysInFoldersAreDifferentKeys()
    {
        using var folder = new TemporaryFolder();
        Write(
            folder["train-0.tar"], ["./x.y/a.jpg", "./x.y/a.cls", "./x.z/a.jpg", "./x.z/a.cls", "x/a.JPG", "x/a.cls"]);
        Assert.That(
            new DatasetSource(folder.Path).Load("train").Samples.Select(sample => sample.File),
            Is.EqualTo(new[] { "./x.y/a.jpg", "./x.z/a.jpg", "x/a.JPG" }));
    }

    [Test]
    public void WhatASystemAddedToATarIsPassedOverAndTheRestIsCounted()
    {
        using var folder = new TemporaryFolder();
        Write(
            folder["train-0.tar"],
            [
                "._0.jpg", "0.jpg", "._0.cls", "0.cls", "__MACOSX/0.jpg", "__MACOSX/._0.cls", "x/.DS_Store",
                ".ipynb_checkpoints/1.jpg", "PaxHeaders.77/1.cls", "1.jpg", "1.cls", "1.txt", "2.heic", "2.txt",
            ]);
        var data = new DatasetSource(folder.Path).Load("train");
        Assert.That(data.Samples.Select(sample => sample.File), Is.EqualTo(new[] { "0.jpg", "1.jpg" }));
        Assert.That(data.Others.Lines(all: true), Is.EqualTo(new[]
        {
            "passed over: 1 .heic picture of a kind that is not read: train-0.tar: 2.heic",
            "passed over: 2 .txt files that are no pictures: train-0.tar: 1.txt, train-0.tar: 2.txt",
        }));
        Assert.That(DatasetSummary.Of(new DatasetSource(folder.Path)).PassedOver.Groups, Has.Count.EqualTo(2));
    }

    [Test]
    public void JsonOfSomethingElseBesideTheNumberOfAClassSaysNothing()
    {
        using var folder = new TemporaryFolder();
        Write(
            folder["train-0.tar"], ["0.cls", "0.jpg", "0.json", "1.jpg", "1.json", "1.cls"],
            json: """{"url": "https://example.org/0.jpg"}""");
        Assert.That(
            new DatasetSource(folder.Path).Load("train").Samples
                .Select(sample => sample.Labels.ToArray().IndexOf((sbyte)1)),
            Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public void PackedKeysAreUniqueWhateverTheNames()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[]
        {
            "cat/a.0.jpg", "cat/a.1.jpg", "cat/a/0.jpg", "cat/a.JFIF", "dog/a.0.jpg", "dog/x.tiff",
        })
        {
            folder.Write($"train/{name}", Picture);
        }
        ShardPacker.Pack(new DatasetSource(folder.Path), folder["shards"], 4);
        var packed = new DatasetSource(folder["shards"]).Load("train");
        Assert.That(packed.Samples.Select(sample => sample.File), Is.EqualTo(
            new[] { "cat/a.0.jpg", "cat/a.1.jpg", "cat/a.JFIF", "cat/a/0.jpg", "dog/a.0.jpg", "dog/x.tiff" }));
        Assert.That(packed.Samples.Select(sample => sample.ReadBytes()), Is.All.EqualTo(Picture));
    }

    [Test]
    public void TwoPicturesOfOneNameAreNotPacked()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Lvis(folder);
        var text = File.ReadAllText(folder["lvis_v1_train.json"]);
        folder.Write("lvis_v1_train.json", text.Replace("p3.jpg", "p2.jpg", StringComparison.Ordinal));
        Assert.That(
            () => ShardPacker.Pack(new DatasetSource(folder.Path), folder["shards"], 4),
            Throws.InstanceOf<InputException>().With.Message.Contains("p2.jpg' is listed twice, first at byte"));
        Assert.That(Directory.Exists(folder["shards"]), Is.False);
    }

    private static void Write(
        string path, IEnumerable<string> names, string json = """{"positive": ["Class 2"], "negative": "others"}""")
    {
        using var tar = new TarWriter(File.Create(path), TarEntryFormat.Ustar);
        var number = 0;
        foreach (var name in names)
        {
            var bytes = Path.GetExtension(name) switch
            {
                ".cls" => Encoding.ASCII.GetBytes($"{number++ % 2}"),
                ".json" => Encoding.ASCII.GetBytes(json),
                _ => Picture,
            };
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
        }
    }
}
