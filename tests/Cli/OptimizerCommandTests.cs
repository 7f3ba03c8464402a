using Flixstock.Engine;
using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary>
/// <c>train</c> with another optimizer, schedule, limit or part that learns; <c>validate --flip</c>.
/// </summary>
[NonParallelizable]
public sealed class OptimizerCommandTests
{
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void MakeData()
    {
        _folder = new TemporaryFolder();
        WriteFolders(_folder, "data");
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void TheOptionsAreTheRunsAndOthersAreRefusedOnResuming()
    {
        Train(
            "run", "--stop-epoch", "1", "--optimizer", "adamw", "--schedule", "cosine", "--warmup-steps", "1",
            "--clip-gradient", "0.5", "--body-lr-factor", "0.25");
        var options = TrainingRun.OptionsIn(_folder["run"])!;
        Assert.That(
            (options.Optimizer, options.Schedule, options.WarmupSteps, options.ClipGradient, options.BodyLrFactor),
            Is.EqualTo((OptimizerKind.AdamW, ScheduleKind.Cosine, 1, 0.5, 0.25)));
        Assert.That(
            Refused("train", "--resume", "--out", _folder["run"], "--optimizer", "adam"),
            Does.Contain("optimizer its default instead of \"adamw\""));
        Assert.That(
            Refused("train", "--resume", "--out", _folder["run"], "--clip-gradient", "1"),
            Does.Contain("clipGradient 1 instead of 0.5"));
        Assert.That(
            Refused("train", "--resume", "--out", _folder["run"], "--best-by", "macro-f1"),
            Does.Contain("bestBy \"macro_f1\" instead of its default"));
        Done("train", "--resume", "--out", _folder["run"], "--stop-epoch", "2");
    }

    [Test]
    public void AHeadIsTrainedOnABodyThatStays()
    {
        Train("first");
        var weights = _folder["first/last.safetensors"];
        Train("head", "--weights", weights, "--freeze", "body");
        using var before = WeightsFile.Read(weights, asStored: true);
        using var after = WeightsFile.Read(_folder["head/last.safetensors"], asStored: true);
        Assert.That(
            before.State.Where(tensor => !after.State[tensor.Name].Data.Span.SequenceEqual(tensor.Data.Span))
                .Select(tensor => tensor.Name),
            Is.EquivalentTo(new[] { "head.fc.weight", "head.fc.bias" }));
    }

    [TestCase("--freeze body", "--freeze body: without --weights the body would stay random; give them too")]
    [TestCase(
        "--warmup-steps 2", "--warmup-steps 2: the one cycle has its own rise; give --schedule cosine or constant")]
    [TestCase(
        "--schedule cosine --warmup-steps 6", "--warmup-steps 6: the training has 6 steps in all; give fewer than")]
    [TestCase("--clip-gradient 0", "--clip-gradient")]
    [TestCase("--body-lr-factor 2", "--body-lr-factor")]
    [TestCase("--optimizer sgd", "--optimizer")]
    public void WhatCannotBeIsOneLine(string options, string message)
    {
        Assert.That(
            Refused(["train", .. Usual("wrong"), .. options.Split(' ')]), Does.Contain(message));
        Assert.That(Directory.Exists(_folder["wrong"]), Is.False);
    }

    [Test]
    public void AValidationOfBothSidesSaysSo()
    {
        var table = new AttributeTable([new AttributeGroup("Class", "class", 3, ["blue", "green", "red"])]);
        SaveCheckpoint(_folder["model.safetensors"], table);
        string[] usual =
        [
            "validate", "--data", _folder["data"], "--weights", _folder["model.safetensors"], "--device", "cpu",
            "--threads", "1", "--bootstrap", "0",
        ];
        Done([.. usual, "--json", _folder["plain.json"]]);
        Done([.. usual, "--flip", "--json", _folder["both.json"]]);
        var (plain, both) = (File.ReadAllText(_folder["plain.json"]), File.ReadAllText(_folder["both.json"]));
        Assert.That(both, Does.Contain("\"flips\": true"));
        Assert.That(plain, Does.Not.Contain("flips"));
        Assert.That(Calibration(both), Is.Not.EqualTo(Calibration(plain)));
        Assert.That(
            Refused(
                "infer", "--weights", _folder["model.safetensors"], "--flip", "--explain", _folder["maps"],
                _folder["data"]),
            Does.Contain("--flip: a map shows where one picture was looked at, not two; leave --explain or it out"));
    }

    private static double Calibration(string json) =>
        System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("overall")
            .GetProperty("calibrationError").GetDouble();

    private string[] Usual(string run) =>
        ["--data", _folder["data"], "--out", _folder[run], "--batch-size", "4", "--epochs", "2", .. Tiny];

    private void Train(string run, params string[] options) => Done(["train", .. Usual(run), .. options]);
}
