using System.Text.Json.Nodes;
using Flixstock.Engine;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary><c>train --resume</c> knows its data set, and refuses another one by name.</summary>
[NonParallelizable]
public sealed class ResumeTests
{
    // a data set of folders, one of columns, and a run of two epochs on each that was stopped after the first
    private TemporaryFolder _begun = null!;
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void TrainOnce()
    {
        _begun = new TemporaryFolder();
        WriteFolders(_begun, "folders");
        WriteClasses(_begun, "columns", Colours);
        Begin(_begun, "folders");
        Begin(_begun, "columns");
    }

    [OneTimeTearDown]
    public void RemoveBegun() => _begun.Dispose();

    [SetUp]
    public void CopyBegun()
    {
        _folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(_begun.Path, "*", SearchOption.AllDirectories))
            _folder.Write(Path.GetRelativePath(_begun.Path, file), File.ReadAllBytes(file));
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void TheRunKnowsWhereItsDataSetIs()
    {
        using var there = new TemporaryFolder();
        WriteFolders(there, "folders");
        Begin(there, "folders");
        var folder = JsonNode.Parse(File.ReadAllText(there["folders-run/run.json"]))!["data"]!["folder"]!.ToString();
        Assert.That(folder, Is.EqualTo(there["folders"]));
        Assert.That(Done("train", "--out", there["folders-run"], "--resume"), Does.Contain("epoch 2/2"));
        Directory.Move(there["folders"], there["moved"]);
        Assert.That(
            Refused("train", "--out", there["folders-run"], "--resume"),
            Does.Contain("which is not there any more; give its folder by --data"));
        Done("train", "--out", there["folders-run"], "--resume", "--data", there["moved"]);
        Assert.That(Refused("train", "--out", there["new"]), Does.Contain("--data"));
    }

    [Test]
    public void ARunContinuesWithTheConvolutionsThatItBeganWith()
    {
        using var folder = new TemporaryFolder();
        WriteFolders(folder, "folders");
        Begin(folder, "folders");
        string[] resume = ["train", "--out", folder["folders-run"], "--resume", "--device", "cpu"];
        Assert.That(Refused([.. resume, "--exact"]), Does.Contain("the run was begun without --exact"));
        Done(resume);
        Done([
            "train", "--data", folder["folders"], "--out", folder["exact-run"], "--epochs", "2", "--stop-epoch", "1",
            "--batch-size", "4", "--exact", .. Tiny,
        ]);
        resume = ["train", "--out", folder["exact-run"], "--resume", "--device", "cpu"];
        Assert.That(Refused(resume), Does.Contain("the run was begun with --exact"));
        Done([.. resume, "--exact"]);
    }

    private static IEnumerable<TestCaseData> Changes()
    {
        static TestCaseData Of(string name, string data, Action<TemporaryFolder> change, params string[] named) =>
            new TestCaseData(data, change, named).SetArgDisplayNames(name);
        yield return Of(
            "class renamed", "folders", folder => Move(folder, "red", "aaa"),
            "Class red is missing and Class aaa is new", "--classes-by-position");
        yield return Of(
            "class added", "folders", folder => folder.Write("folders/train/teal/t.jpg", TemporaryFolder.SmallJpeg(90)),
            "Class teal is new");
        yield return Of(
            "picture added", "folders",
            folder => folder.Write("folders/train/red/zz.jpg", TemporaryFolder.SmallJpeg(91)),
            "train: 1 picture added (red/zz.jpg)");
        yield return Of("pictures added and removed", "folders", folder =>
        {
            File.Delete(folder["folders/train/red/p0.jpg"]);
            folder.Write("folders/train/red/y1.jpg", TemporaryFolder.SmallJpeg(92));
            folder.Write("folders/train/red/y2.jpg", TemporaryFolder.SmallJpeg(93));
        }, "train: 2 pictures added (as red/y1.jpg), 1 picture removed (red/p0.jpg)");
        yield return Of(
            "picture of validation removed", "folders", folder => File.Delete(folder["folders/val/blue/p14.jpg"]),
            "val: 1 picture removed (blue/p14.jpg)");
        yield return Of(
            "picture of another size", "folders",
            folder => folder.Write("folders/train/green/p1.jpg", TemporaryFolder.SmallJpeg(1, 64, 60)),
            "1 picture of another size (green/p1.jpg, ");
        yield return Of(
            "label changed", "columns",
            folder => Edit(
                folder, "train.csv", "p3.jpg,", row => row.EndsWith('1') ? row[..^1] + "0" : row[..^1] + "1"),
            "train: 1 picture with other labels (p3.jpg)");
        yield return Of(
            "label forgotten", "columns",
            folder => Edit(folder, "val.csv", "p9.jpg,", row => row[..row.IndexOf(',')] + ",,,"),
            "val: 1 picture with other labels (p9.jpg)");
        yield return Of(
            "rows in another order", "columns",
            folder => folder.Write("columns/train.csv", Turned(folder["columns/train.csv"])),
            "train: the pictures are in another order (number 1 is p7.jpg instead of p0.jpg)");
        yield return Of(
            "column renamed", "columns", folder => WriteClasses(folder, "columns", "red", "green", "azure"),
            "blue is missing and azure is new");
    }

    [TestCaseSource(nameof(Changes))]
    public void WhatHasChangedIsRefusedByNameAndTheRunIsLeftAlone(string data, object change, string[] named)
    {
        ((Action<TemporaryFolder>)change)(_folder);
        var state = File.ReadAllBytes(_folder[$"{data}-run/state.safetensors"]);
        var error = Refused(Resume(data));
        foreach (var text in named)
            Assert.That(error, Does.Contain(text));
        Assert.That(File.ReadAllBytes(_folder[$"{data}-run/state.safetensors"]), Same.As(state));
    }

    [Test]
    public void ColumnsInAnotherOrderContinueToTheSameBytes()
    {
        Done("train", "--out", _begun["columns-run"], "--data", _begun["columns"], "--resume");
        WriteClasses(_folder, "columns", "blue", "red", "green");
        Assert.That(Done(Resume("columns")), Does.Contain("they are matched by name"));
        foreach (var file in new[] { "last.safetensors", "average.safetensors", "prior.csv" })
        {
            Assert.That(
                File.ReadAllBytes(_folder[$"columns-run/{file}"]),
                Same.As(File.ReadAllBytes(_begun[$"columns-run/{file}"])), file);
        }
    }

    [Test]
    public void ClassesThatOnlyGotOtherNamesContinueByPositionUnderTheNewOnes()
    {
        Move(_folder, "red", "scarlet");
        Done([.. Resume("folders"), "--classes-by-position"]);
        using var best = Checkpoint.Load(_folder["folders-run/last.safetensors"]);
        Assert.That(best.Attributes.ClassNames, Is.EqualTo(new[] { "Class blue", "Class green", "Class scarlet" }));
        Assert.That(Done(Resume("folders")), Does.Not.Contain("note: "), "the run has the new names now");
    }

    [Test]
    public void ARunFromBeforeThereWereDigestsIsCheckedByItsClassesAlone()
    {
        var description = JsonNode.Parse(File.ReadAllText(_folder["folders-run/run.json"]))!.AsObject();
        description.Remove("data");
        File.WriteAllText(_folder["folders-run/run.json"], description.ToJsonString());
        File.Delete(_folder["folders-run/pictures.csv.gz"]);
        foreach (var added in new[] { "y", "z" })
            _folder.Write($"folders/train/red/{added}.jpg", TemporaryFolder.SmallJpeg(91));
        Assert.That(
            Refused("train", "--out", _folder["folders-run"], "--resume"),
            Does.Contain("does not say where the data set is; give its folder by --data"));
        Done(Resume("folders"));
        Move(_folder, "red", "aaa");
        Assert.That(Refused(Resume("folders")), Does.Contain("Class red is missing"));
    }

    [Test]
    public void ADamagedDigestIsNamed()
    {
        var description = JsonNode.Parse(File.ReadAllText(_folder["folders-run/run.json"]))!;
        description["data"]!["train"] = "gone";
        File.WriteAllText(_folder["folders-run/run.json"], description.ToJsonString());
        Assert.That(
            Refused(Resume("folders")), Does.Contain("run.json: what it says about the pictures of train is damaged"));
    }

    [Test]
    public void WithoutTheListOfPicturesTheDigestsStillDecide()
    {
        File.Delete(_folder["folders-run/pictures.csv.gz"]);
        _folder.Write("folders/train/green/p1.jpg", TemporaryFolder.SmallJpeg(1, 64, 60));
        Assert.That(Refused(Resume("folders")), Does.Contain("train: sizes of pictures"));
        _folder.Write("folders/train/red/zz.jpg", TemporaryFolder.SmallJpeg(91));
        Assert.That(Refused(Resume("folders")), Does.Contain("train: 13 pictures instead of 12"));
    }

    [Test]
    public void BothStagesRefuseARenamedClassAndAnExperimentDoesToo()
    {
        string[] train =
        [
            "train", "--data", _folder["folders"], "--out", _folder["two"], "--two-stage", "--epochs", "1",
            "--batch-size", "6", .. Tiny,
        ];
        Done(train);
        File.Delete(_folder["two/state.safetensors"]); // the second stage begins again
        File.WriteAllText(_folder["grid.json"], """
            { "seeds": [1, 2], "methods": [ { "name": "m" } ],
              "train": { "layers": [1, 1, 1, 1], "width": 0.0625, "image-size": 32, "epochs": 1, "batch-size": 6, "partial-loss-mode": "negative" } }
            """);
        string[] experiment =
        [
            "experiment", _folder["grid.json"], "--data", _folder["folders"], "--out", _folder["grid"],
            "--device", "cpu", "--threads", "1",
        ];
        Done(experiment);
        Directory.Delete(_folder["grid/none/m/seed-2"], recursive: true);
        Move(_folder, "red", "aaa");
        Assert.That(
            Refused("train", "--out", _folder["two"], "--resume", "--device", "cpu"),
            Does.Contain("Class red is missing and Class aaa is new"));
        Assert.That(
            Refused(experiment), Does.Contain("seed-1").And.Contain("Class red is missing and Class aaa is new"));
        Move(_folder, "aaa", "red");
        Done("train", "--out", _folder["two"], "--resume", "--device", "cpu");
        Done(experiment);
    }

    [Test]
    public void OtherWeightsToStartFromAreRefusedAndTheOwnOnesAreNotNeededAnyMore()
    {
        SaveCheckpoint(_folder["start.safetensors"], AttributeTable.OfClasses(Colours));
        string[] train =
        [
            "train", "--data", _folder["columns"], "--out", _folder["started"], "--epochs", "2", "--batch-size", "4",
            .. Tiny, "--weights", _folder["start.safetensors"],
        ];
        Done([.. train, "--stop-epoch", "1"]);
        Assert.That(
            Refused("train", "--out", _folder["started"], "--resume", "--weights", _folder["other.safetensors"]),
            Does.Contain("the run continues with its own weights"));
        File.Delete(_folder["start.safetensors"]);
        Done([.. train, "--resume"]);
    }

    private string[] Resume(string data) =>
        ["train", "--data", _folder[data], "--out", _folder[$"{data}-run"], "--resume"];

    private static void Begin(TemporaryFolder folder, string data) =>
        Done(
            [
                "train", "--data", folder[data], "--out", folder[$"{data}-run"], "--epochs", "2", "--stop-epoch", "1",
                "--batch-size", "4", .. Tiny,
            ]);

    private static void Move(TemporaryFolder folder, string from, string to)
    {
        foreach (var part in new[] { "train", "val" })
            Directory.Move(folder[$"folders/{part}/{from}"], folder[$"folders/{part}/{to}"]);
    }

    private static void Edit(TemporaryFolder folder, string file, string row, Func<string, string> change)
    {
        var path = folder[$"columns/{file}"];
        File.WriteAllLines(path, File.ReadAllLines(path)
            .Select(line => line.StartsWith(row, StringComparison.Ordinal) ? change(line) : line));
    }

    private static string Turned(string csv)
    {
        var lines = File.ReadAllLines(csv);
        return string.Join('\n', lines.Skip(1).Reverse().Prepend(lines[0])) + "\n";
    }
}
