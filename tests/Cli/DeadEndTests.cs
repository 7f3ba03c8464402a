using Flixstock.Cli;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary>
/// A folder that a failed or stopped command leaves can be used again, and every refusal names what works.
/// </summary>
[NonParallelizable]
public sealed class DeadEndTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void WriteData()
    {
        _folder = new TemporaryFolder();
        WriteFolders(_folder, "data");
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(false)]
    [TestCase(true)]
    public void WhatBrokeBeforeItsFirstStateBeginsAgainByTheSameCommandAndByResume(bool twoStage)
    {
        string[] train = [.. Train("run", "--batch-size", "6"), .. twoStage ? (string[])["--two-stage"] : []];
        var run = _folder[twoStage ? "run/ignore" : "run"];
        var (good, bad) = (File.ReadAllBytes(_folder["data/val/red/p12.jpg"]), File.ReadAllBytes(
            _folder["data/val/red/p12.jpg"])[..120]);
        // As a run that ended in its first epoch leaves it, whatever ended it.
        _folder.Write("data/val/red/p12.jpg", bad);
        Assert.That(Run(train).Exit, Is.Not.Zero);
        _folder.Write("data/val/red/p12.jpg", good);
        Done([.. train, "--overwrite"]);
        File.Delete(Path.Combine(run, "state.safetensors"));
        foreach (var file in Directory.GetFiles(_folder["run"], "*.safetensors", SearchOption.AllDirectories))
            File.Delete(file);
        Assert.That(Done(train), Does.Contain("epoch 1/1"));
        foreach (var file in Directory.GetFiles(_folder["run"], "*.safetensors", SearchOption.AllDirectories))
            File.Delete(file);
        Assert.That(Done("train", "--out", _folder["run"], "--resume", "--device", "cpu"), Does.Contain("epoch 1/1"));
    }

    [Test]
    public void APictureThatBrokeTheRunMayComeBackInAnotherSize()
    {
        var good = File.ReadAllBytes(_folder["data/val/red/p12.jpg"]);
        _folder.Write("data/val/red/p12.jpg", good[..120]);
        string[] train = Train("run", "--batch-size", "6");
        Assert.That(Refused([.. train, "--no-check"]), Does.Contain("p12.jpg").And.Contain("continue with --resume"));
        _folder.Write("data/val/red/p12.jpg", good);
        _folder.Write("data/val/red/p15.jpg", TemporaryFolder.SmallJpeg(15, 64, 60));
        Assert.That(
            Refused("train", "--out", _folder["run"], "--resume"),
            Does.Contain("val: 1 picture of another size (red/p15.jpg"), "of others it may not");
        _folder.Write("data/val/red/p15.jpg", TemporaryFolder.SmallJpeg(15, 36, 34));
        Assert.That(Done("train", "--out", _folder["run"], "--resume"), Does.Contain("epoch 1/1"));
    }

    [TestCase("--two-stage")]
    [TestCase("--no-graph")]
    public void ACommandThatIsRefusedLeavesNothingAndTheNextOneWorks(string option)
    {
        // 12 pictures in batches of 11: the last one has a single picture, of a single pixel in the last layers.
        Refused([.. Train("run", "--batch-size", "11"), option]);
        Assert.That(Path.Exists(_folder["run"]), Is.False);
        Done([.. Train("run", "--batch-size", "6"), option]);
    }

    [Test]
    public void ARunThatIsThereIsOfferedToContinueOrToReplace()
    {
        Done(Train("run", "--batch-size", "6"));
        Assert.That(Refused(Train("run", "--batch-size", "6")), Does.Contain("--resume").And.Contain("--overwrite"));
        Done("train", "--out", _folder["run"], "--resume");
        foreach (var state in Directory.GetFiles(_folder["run"], "state*.safetensors"))
            File.Delete(state);
        Assert.That(
            Refused(Train("run", "--batch-size", "6")), Does.Contain("--overwrite").And.Not.Contain("--resume"));
        Assert.That(
            Refused("train", "--data", _folder["data"], "--out", _folder["run"], "--resume"),
            Does.Contain("leave --resume out and give --overwrite"));
        Done([.. Train("run", "--batch-size", "6"), "--overwrite"]);
        Assert.That(
            Refused("train", "--out", _folder["nothing"], "--resume"),
            Does.Contain("no training was begun there; leave --resume out"));
        Assert.That(
            Refused("train", "--out", _folder["nothing"], "--resume", "--two-stage"),
            Does.Contain("leave --resume out"));
    }

    [Test]
    public void OneStageAndTwoStagesDoNotMixInAFolder()
    {
        Done(Train("two", "--batch-size", "6", "--two-stage"));
        Assert.That(
            Refused(Train("two", "--batch-size", "6")),
            Does.Contain("a training in two stages already").And.Contain("--resume").And.Contain("--overwrite"));
        foreach (var file in Directory.GetFiles(_folder["two"], "*.safetensors"))
            File.Delete(file); // stopped before the second stage
        Assert.That(Refused(Train("two", "--batch-size", "6")), Does.Contain("a training in two stages already"));
        Done([.. Train("two", "--batch-size", "6"), "--overwrite"]);
        Assert.That(
            Refused(Train("two", "--batch-size", "6", "--two-stage")),
            Does.Contain("--resume").And.Contain("--overwrite"));
        Assert.That(File.Exists(_folder["two/two_stage.json"]), Is.False);
    }

    [Test]
    public void OverwriteKeepsTheOldRunUntilTheNewOneIsBuilt([Values] bool twoStage)
    {
        Done(Train("run", "--batch-size", "6"));
        var before = File.ReadAllBytes(_folder["run/best.safetensors"]);
        Refused([.. Train("run", "--batch-size", "11", "--overwrite"), .. twoStage ? (string[])["--two-stage"] : []]);
        Assert.That(File.ReadAllBytes(_folder["run/best.safetensors"]), Same.As(before));
        Done("train", "--out", _folder["run"], "--resume");
    }

    [Test]
    public void StoppedSaysWhatContinues()
    {
        using var stop = new CancellationTokenSource();
        var (exit, error) = Stopped(
            stop, "epoch 1/3",
            [
                "train", "--data", _folder["data"], "--out", _folder["a run"], "--epochs", "3", .. Tiny,
                "--batch-size", "6", "--two-stage", "--workers", "3",
            ]);
        Assert.That(exit, Is.EqualTo(CommandLine.Stopped));
        Assert.That(error, Is.EqualTo($"stopped; continue with: flixstock train --out '{_folder["a run"]}' --resume "
            + $"--device cpu --threads 1 --workers 3"));
        var words = error[(error.IndexOf("flixstock ", StringComparison.Ordinal) + 10)..]
            .Replace($"'{_folder["a run"]}'", "OUT", StringComparison.Ordinal).Split(' ');
        Assert.That(
            Done([.. words.Select(word => word == "OUT" ? _folder["a run"] : word)]), Does.Contain("epoch 2/3"));

        File.WriteAllText(_folder["grid.json"], """
            { "methods": [ { "name": "m" } ],
              "train": { "layers": [1, 1, 1, 1], "width": 0.0625, "image-size": 32, "epochs": 2, "batch-size": 6, "partial-loss-mode": "negative" } }
            """);
        using var again = new CancellationTokenSource();
        string[] experiment =
        [
            "experiment", _folder["grid.json"], "--data", _folder["data"], "--out", _folder["grid"], "--device", "cpu",
        ];
        Assert.That(
            Stopped(again, "epoch 1/2", experiment).Error,
            Is.EqualTo($"stopped; continue with: flixstock {string.Join(' ', experiment)}"));
    }

    private static (int Exit, string Error) Stopped(CancellationTokenSource stop, string at, string[] arguments)
    {
        using var output = new StopAtLine(stop, at);
        using var error = new StringWriter();
        var exit = CommandLine.Run(arguments, output, error, stop.Token);
        return (exit, error.ToString().TrimEnd().Split('\n')[^1]);
    }

    private string[] Train(string name, params string[] more) =>
        ["train", "--data", _folder["data"], "--out", _folder[name], "--epochs", "1", .. Tiny, .. more];

    private sealed class StopAtLine(CancellationTokenSource stop, string start) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (value?.StartsWith(start, StringComparison.Ordinal) == true)
                stop.Cancel();
        }
    }
}
