using static Flixstock.Tests.Cli.NamedDatasets;

namespace Flixstock.Tests.Cli;

/// <summary><c>--fold</c>: trained on, resumed with and validated on.</summary>
[NonParallelizable]
public sealed class FoldTests
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

    [Test]
    public void ARunIsResumedAndValidatedWithItsFold()
    {
        string[] train = ["train", "--data", _folder["data"], "--fold", "2/3", "--batch-size", "4", .. Tiny];
        Assert.That(Done([.. train, "--out", _folder["whole"], "--epochs", "2"]), Does.Contain("--fold 2/3 --weights"));
        Done([.. train, "--out", _folder["run"], "--epochs", "2", "--stop-epoch", "1"]);
        Assert.That(
            Refused("train", "--out", _folder["run"], "--resume", "--fold", "1/3"),
            Does.Contain("begun with fold 2/3"));
        Done("train", "--out", _folder["run"], "--resume");
        Assert.That(
            File.ReadAllBytes(_folder["run/last.safetensors"]),
            Is.EqualTo(File.ReadAllBytes(_folder["whole/last.safetensors"])));

        var weights = _folder["run/best.safetensors"];
        string[] validate = ["validate", "--data", _folder["data"], "--weights", weights, "--out"];
        Assert.That(Done([.. validate, _folder["own"]]), Does.Contain("trained with --fold 2/3"));
        Done([.. validate, _folder["named"], "--fold", "2/3"]);
        Done([.. validate, _folder["other"], "--fold", "1/3"]);
        string[] Written(string name) => Directory.GetFiles(_folder[name], "*.json");
        string Scored(string name) => string.Join('\n', Written(name).Order().Select(File.ReadAllText));
        Assert.That(Scored("own"), Is.EqualTo(Scored("named")).And.Not.Empty);
        Assert.That(Scored("other"), Is.Not.EqualTo(Scored("own")));
    }

    [Test]
    public void ADataSetWithoutAValidationPartCanBeDealtOut()
    {
        Directory.Delete(_folder["data/val"], recursive: true);
        Assert.That(
            Done("data", "show", "--data", _folder["data"], "--dataset-type", "folders", "--fold", "1/4"),
            Does.Contain("val").And.Contain("train"));
    }

    [TestCase("9/3", "as 1/5")]
    [TestCase("1/19", "18 pictures")]
    public void WhatCannotBeIsOneLine(string fold, string named) => Assert.That(
        Refused("train", "--data", _folder["data"], "--out", _folder["run"], "--fold", fold),
        Does.Contain($"--fold {fold}: ").And.Contain(named));
}
