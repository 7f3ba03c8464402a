using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.Tests.Models;

namespace Flixstock.Tests.Data;

/// <summary>
/// Every file among the pictures that is not read is counted and named: by data show, data check, split and infer.
/// </summary>
[NonParallelizable]
public class PassedOverTests
{
    private static readonly byte[] Picture = TemporaryFolder.SmallJpeg(1, 40, 40);

    [Test]
    public void FoldersOfClasses()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "cat", "dog" })
        {
            for (var i = 0; i < 4; i++)
            {
                folder.Write(
                    $"train/{name}/{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i + (name == "cat" ? 10UL : 0), 40, 40));
            }
        }
        foreach (var file in new[]
        {
            "train/cat/a.heic", "train/dog/sub/b.HEIC", "train/cat/notes.txt", "train/cat/0.xml", "train/stray.jpg",
            "extra/x.jpg", "train/dog/noending", ".git/x", "train/cat/Thumbs.db", "README.txt",
        })
        {
            folder.Write(file, file.EndsWith("jpg", StringComparison.Ordinal) ? Picture : [1, 2, 3]);
        }
        var lines = DatasetSummary.Of(new DatasetSource(folder.Path)).PassedOver.Lines(all: false);
        Assert.That(lines, Is.EqualTo(new[]
        {
            "passed over: 2 .heic pictures of a kind that is not read: train/cat/a.heic, train/dog/sub/b.HEIC",
            "passed over: 2 .jpg pictures outside the folders of classes: extra/x.jpg, train/stray.jpg",
            "passed over: 1 file that is no picture by its ending: train/dog/noending",
            "passed over: 1 .txt file that is no picture: train/cat/notes.txt",
            "passed over: 1 .xml file that is no picture: train/cat/0.xml",
        }));
        var show = Run(0, "data", "show", "--data", folder.Path);
        Assert.That(show, Does.Contain("2 .heic pictures").And.Contain("notes.txt").And.Not.Contain("Thumbs.db"));
        Assert.That(
            Run(0, "data", "show", "--data", folder.Path, "--verbose"),
            Does.Contain("hidden or system").And.Contain("Thumbs.db"));
        Assert.That(
            Run(0, "data", "show", "--data", folder.Path, "--json"),
            Does.Contain("\"passedOver\"").And.Contain("\"OtherKind\""));
        var check = Run(0, "data", "check", "--data", folder.Path, "--csv", folder["out/faults.csv"]);
        Assert.That(check, Does.Contain("passed-over  warning").And
            .Contain("warning: train/cat/a.heic: passed-over: 2 .heic pictures"));
        Assert.That(File.ReadAllLines(folder["out/faults.csv"]), Has.Exactly(5).Contains(",passed-over,warning,"));
        Run(1, "data", "check", "--data", folder.Path, "--strict");
    }

    [TestCase(DatasetType.Csv, "images/new.jpg", "images/new.heic", "images/p0.txt")]
    [TestCase(DatasetType.Coco, "train2017/new.jpg", "val2017/new.avif", "train2017/p0.txt")]
    [TestCase(DatasetType.Lvis, "train2017/new.png", "train2017/sub/new.heif", "train2017/p0.txt")]
    [TestCase(DatasetType.OpenImages, "train/train_0/new.jpg", "validation/new.nef", "train/train_0/p0.txt")]
    [TestCase(
        DatasetType.Garments, "images_split/val/images/new.jpg", "images_split/val/images/new.jxl",
        "images_split/val/images/p0.txt")]
    public void LayoutsWithLabelFiles(DatasetType type, string unlabelled, string other, string text)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        Assert.That(
            DatasetSummary.Of(new DatasetSource(folder.Path)).PassedOver.Lines(all: false), Is.Empty,
            "everything is used or accounted for");
        folder.Write(unlabelled, Picture);
        folder.Write(other, Picture);
        folder.Write(text, "x");
        var groups = DatasetSummary.Of(new DatasetSource(folder.Path)).PassedOver.Groups
            .Where(group => group.Reason != PassedOverReason.Hidden).ToList();
        Assert.That(groups.Select(group => (group.Reason, group.Examples.Single())), Is.EqualTo(new[]
        {
            (PassedOverReason.OtherKind, other), (PassedOverReason.NoLabel, unlabelled),
            (PassedOverReason.NoPicture, text),
        }));
    }

    [Test]
    public void SplitNamesThem()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(12);
        folder.Write("images_cleaned/images/a.heic", "x");
        folder.Write("images_cleaned/images/list.txt", "x");
        Assert.That(
            Run(0, "split", "--data", folder.Path, "--no-augment"),
            Does.Contain("1 .heic picture of a kind that is not read: a.heic").And.Contain("list.txt"));
    }

    [Test]
    public void InferNamesThemAndLabelsWhatLiesBelow()
    {
        using var folder = new TemporaryFolder();
        var weights = WriteWeights(folder);
        foreach (var file in new[]
        {
            "in/a.jpg", "in/sub/b.JFIF", "in/sub/notes.txt", "in/c.heic", "in/.hidden/d.jpg", "in/._a.jpg",
        })
        {
            folder.Write(file, Picture);
        }
        Directory.CreateSymbolicLink(folder["in/sub/back"], "..");
        string[] infer = ["infer", "--weights", weights, "--device", "cpu", "--json", folder["in"]];
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(CommandLine.Run(infer, output, error), Is.Zero, error.ToString());
        using var json = System.Text.Json.JsonDocument.Parse(output.ToString());
        Assert.That(
            json.RootElement.EnumerateArray()
                .Select(entry => Path.GetFileName(entry.GetProperty("picture").GetString())),
            Is.EqualTo(new[] { "a.jpg", "b.JFIF" }));
        Assert.That(error.ToString(), Does.Contain("1 .heic picture").And.Contain("sub/notes.txt").And
            .Contain("link to a folder").And.Not.Contain("hidden"));

        Run(0, [.. infer[..5], folder["in"], "--save-pictures", folder["in/labelled"]]);
        Assert.That(Directory.GetFiles(folder["in/labelled"], "*.jpg"), Has.Length.EqualTo(2));
        Assert.That(
            Run(0, [.. infer[..5], folder["in"]]), Does.Contain("a.jpg").And.Not.Contain("labelled"),
            "drawn pictures are not labelled again");
    }

    [TestCase(3)]
    [TestCase(5)]
    [TestCase(9)]
    public void AFewPicturesAreDividedSoThatWhatIsRecommendedWorks(int count)
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(count);
        Assert.That(Run(0, "split", "--data", folder.Path, "--no-augment"), Does.Contain("too few"));
        Assert.That(
            DatasetLayout.Parts.Select(part => new DatasetSource(folder.Path).Load(part).Samples.Count).ToArray(),
            Is.All.GreaterThan(0));
    }

    [Test]
    public void TooFewToDivideIsSaidBeforeAnythingIsWritten()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(1);
        Assert.That(
            () => new DatasetSplitter(folder.Path, new SplitOptions()).Run(),
            Throws.InstanceOf<InputException>().With.Message.Contains("too few"));
        Assert.That(Directory.Exists(folder["images_split"]), Is.False);
        using var two = new TemporaryFolder();
        two.CleanedDataset(2);
        Assert.That(
            new DatasetSplitter(two.Path, new SplitOptions()).Run().Notes, Has.One.Contains("test part is empty"));
    }

    [Test]
    public void AnUnlabelledPictureIsExchangedForALabelledOneWhereAPartHasNone()
    {
        // 20 pictures, of which the first two of training alone are labelled.
        var files = Enumerable.Range(0, 20).Select(i => $"{i}").ToArray();
        var labelled = files[..3].ToHashSet();
        var parts = SplitChoice.WithoutEmptyParts([files[..16], files[16..18], files[18..]], labelled.Contains);
        Assert.That(parts.Select(part => part.Length), Is.EqualTo(new[] { 16, 2, 2 }));
        Assert.That(parts.Select(part => part.Count(labelled.Contains)), Is.EqualTo(new[] { 1, 1, 1 }));
        Assert.That(parts.SelectMany(part => part).Order(), Is.EqualTo(files.Order()));
    }

    [Test]
    public void WhatCommandsWriteIntoADataSetIsNoClassOfIt()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 24; i++)
            folder.Write($"photos/{SmallDatasets.Classes[i % 3]}/{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i, 40, 36));
        string Inside(string name) => folder[$"photos/{name}"];
        string[] data = ["--data", folder["photos"], "--device", "cpu"];
        string[] tiny =
        [
            "--layers", "1,1,1,1", "--width", "0.1", "--image-size", "32", "--batch-size", "4", "--epochs", "1",
        ];
        Run(0, ["train", .. data, "--out", Inside("run"), "--two-stage", .. tiny]);
        string[] model = [.. data, "--weights", Inside("run/best.safetensors")];
        Run(0, ["validate", .. model, "--out", Inside("results"), "--sheets"]);
        Run(0, ["review", .. model, "--out", Inside("review"), "--confidence", "0.5"]);
        Run(0, ["prior", .. model, "--out", Inside("estimated/often.csv")]);
        Run(0, ["infer", .. model[2..], Inside("cat"), "--save-pictures", Inside("labelled")]);
        Run(
            0,
            ["data", "simulate", .. data[..2], "--type", "rps", "--param", "0.5", "--out", Inside("hidden"), "--copy"]);
        var after = DatasetSummary.Of(new DatasetSource(folder["photos"]));
        Assert.That(after.Attributes.ClassNames, Is.EqualTo(SmallDatasets.Classes.Select(name => $"Class {name}")));
        Assert.That(after.Parts.Sum(part => part.Pictures), Is.EqualTo(24));
        Assert.That(
            after.PassedOver.Groups.Where(
                group => group.Reason is not (PassedOverReason.Made or PassedOverReason.Hidden)),
            Is.Empty);
    }

    [Test]
    public void ASimulatedDataSetKeepsPicturesApartWhoseNamesBecomeTheSame()
    {
        using var folder = new TemporaryFolder();
        foreach (var (file, seed) in new[] { ("a/b_c.jpg", 1), ("a_b/c.jpg", 2), ("a/b/c.jpg", 3), ("a_b/d.jpg", 4) })
            folder.Write($"train/{file}", TemporaryFolder.SmallJpeg((ulong)seed));
        var training = new DatasetSource(folder.Path).Load("train");
        SimulatedDatasetWriter.Write(
            folder["new"], new PartialSimulation(SimulationKind.Fpc, 2).Apply(training),
            new Dictionary<string, ImageDataset>(), copyPictures: true);
        var written = new DatasetSource(folder["new"]).Load("train");
        Assert.That(
            written.Samples.Select(sample => sample.ReadBytes()),
            Is.EqualTo(training.Samples.Select(sample => sample.ReadBytes())));
        Assert.That(
            written.Samples.Select(sample => sample.Labels.ToArray()),
            Is.EqualTo(training.Samples.Select(sample => sample.Labels.ToArray())));
    }

    private static string WriteWeights(TemporaryFolder folder)
    {
        using var backend = Backend.Reference();
        using var network = TinyNetworkGoldenTests.Build(backend, "tiny_a");
        new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = AttributeTable.Garments,
            Preparation = new(64),
        }.Save(folder["w.safetensors"]);
        return folder["w.safetensors"];
    }

    private static string Run(int expected, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(CommandLine.Run(arguments, output, error), Is.EqualTo(expected), error + output.ToString());
        return output.ToString();
    }
}
