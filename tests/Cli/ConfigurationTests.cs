using Flixstock.Engine;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary><c>train --config</c>: a run again, or with a few options changed; what is wrong in one line.</summary>
[NonParallelizable]
public sealed class ConfigurationTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void ARunIsRepeatedToTheSameBytesAndOptionsOfTheLineWin()
    {
        First("--epochs", "2", "--stop-epoch", "1", "--seed", "5", "--partial-loss-mode", "ignore");
        Done("train", "--config", _folder["run/run.json"], "--out", _folder["again"]);
        Assert.That(
            File.ReadAllBytes(_folder["again/last.safetensors"]),
            Same.As(File.ReadAllBytes(_folder["run/last.safetensors"])));
        Done("train", "--config", _folder["run/run.json"], "--out", _folder["other"], "--batch-size", "8",
            "--stop-epoch", "2");
        var (first, other) = (TrainingRun.OptionsIn(_folder["run"])!, TrainingRun.OptionsIn(_folder["other"])!);
        Assert.That(
            other.DifferencesTo(first), Is.EqualTo(new[] { "batchSize 8 instead of 4" }), "and nothing else");
        Assert.That(RunMetrics.Read(_folder["other/metrics.csv"]), Has.Count.EqualTo(2));
    }

    [Test]
    public void OptionsAloneAreEnough()
    {
        var options = TrainerOptions.FromFile(
            _folder.Write("mine.json", """{ "batchSize": 16, "loss": { "clip": 0.1 } }"""));
        Assert.Multiple(() =>
        {
            Assert.That(options.BatchSize, Is.EqualTo(16));
            Assert.That(options.Epochs, Is.EqualTo(new TrainerOptions().Epochs));
            Assert.That(options.AverageWarmup, Is.True);
        });
    }

    [TestCase("{ \"batchsize\": 16 }", "there is no property 'batchsize'")]
    [TestCase("{ \"batchSize\": \"big\" }", "$.batchSize does not take that kind of value")]
    [TestCase("{ \"batchSize\": 8, \"batchSize\": 9 }", "occurs twice")]
    [TestCase("[1]", "that is no object of options")]
    [TestCase("{ \"batchSize\": ", "")]
    [TestCase("{ \"batchSize\": 0 }", "--batch-size 0: give a number from 1 to 65536")]
    public void WhatIsWrongIsOneLineWithTheFile(string text, string message)
    {
        var file = _folder.Write("mine.json", text);
        var error = Refused("train", "--config", file, "--data", _folder.Path, "--out", _folder["run"]);
        Assert.That(error, Does.Contain(message));
        if (!message.StartsWith("--", StringComparison.Ordinal))
            Assert.That(error, Does.Contain(file));
        Assert.That(Directory.Exists(_folder["run"]), Is.False);
    }

    [Test]
    public void ADataSetThatMovedIsNamedWithTheOption()
    {
        First("--epochs", "1");
        Directory.Move(_folder["data"], _folder["moved"]);
        Assert.That(
            Refused("train", "--config", _folder["run/run.json"], "--out", _folder["again"]),
            Does.Contain("--config").And.Contain(_folder["data"]).And.Contain("--data"));
        Done("train", "--config", _folder["run/run.json"], "--out", _folder["again"], "--data", _folder["moved"]);
    }

    [Test]
    public void ARunThatContinuesTakesNoConfiguration()
    {
        Assert.That(
            Refused("train", "--config", "a.json", "--resume", "--out", _folder["run"]), Does.Contain("--resume and --config: a run continues with its own options"));
    }

    private void First(params string[] options)
    {
        WriteFolders(_folder, "data");
        Done([
            "train", "--data", _folder["data"], "--out", _folder["run"], "--batch-size", "4", .. Tiny, .. options,
        ]);
    }
}
