using System.Text.Json;
using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.Tests.Data;

namespace Flixstock.Tests.Cli;

/// <summary><c>flixstock data</c>, and training from every layout of a data set.</summary>
[NonParallelizable]
public class DataCommandTests
{
    private static readonly string[] Tiny =
    [
        "--layers", "1,1,1,1", "--width", "0.1", "--image-size", "32", "--batch-size", "4", "--epochs", "2",
        "--device", "cpu",
    ];

    [TestCaseSource(typeof(SmallDatasets), nameof(SmallDatasets.Types))]
    public void OneEpochIsTrainedFromEveryLayoutAndResumedWithoutNamingIt(DatasetType type)
    {
        using var folder = new TemporaryFolder();
        using var runs = new TemporaryFolder();
        SmallDatasets.Writers[type](folder);
        var name = DatasetSource.NameOf(type);
        var output = Run(0, [
            "train", "--data", folder.Path, "--dataset-type", name, "--out", runs["run"], .. Tiny, "--stop-epoch", "1",
        ]);
        Assert.That(output, Does.Contain("epoch 1/1").And.Not.Contain("data set: "), "the type was given");
        using var json = JsonDocument.Parse(File.ReadAllText(runs["run/run.json"]));
        Assert.That(json.RootElement.GetProperty("datasetType").GetString(), Is.EqualTo(name));
        SmallDatasets.Csv(folder); // something else that could be recognised
        Assert.That(
            Run(0, ["train", "--data", folder.Path, "--out", runs["run"], .. Tiny, "--resume"]),
            Does.Contain("epoch 2/2").And.Not.Contain("data set: "));
        Run(
            0,
            [
                "validate", "--data", folder.Path, "--dataset-type", name, "--weights", runs["run/last.safetensors"],
                "--json", runs["report.json"], "--device", "cpu",
            ]);
        Run(
            0,
            [
                "infer", "--all-val", "--data", folder.Path, "--dataset-type", name,
                "--weights", runs["run/last.safetensors"], "--out", runs["out"], "--device", "cpu",
            ]);
        var rows = File.ReadAllLines(runs["out/attributes_val_inference.csv"]);
        Assert.That(rows, Has.Length.EqualTo(1 + new DatasetSource(folder.Path, type).Load("val").Samples.Count));
    }

    [Test]
    public void WhatWasRecognisedIsToldOnce()
    {
        using var folder = new TemporaryFolder();
        using var runs = new TemporaryFolder();
        SmallDatasets.Coco(folder);
        SmallDatasets.Csv(folder);
        var output = Run(0, ["train", "--data", folder.Path, "--out", runs["run"], .. Tiny, "--stop-epoch", "1"]);
        Assert.That(
            output.Split('\n').Count(line => line.StartsWith("data set: ", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(
            output,
            Does.Contain("data set: coco, by ").And.Contain("also there: csv").And.Contain("without annotations"));
    }

    [Test]
    public void ShowCountsEveryLabel()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        var table = Run(
            0, "data", "show", "--data", folder.Path, "--csv", folder["out/counts.csv"],
            "--chart", folder["out/labels.png"]);
        Assert.That(table, Does.Contain("data set: csv").And.Contain("tree"));
        var rows = File.ReadAllLines(folder["out/counts.csv"]);
        Assert.That(
            rows, Has.Length.EqualTo(7).And.One.EqualTo($"dog,train,{Count(1, 1)},{Count(1, 0)},{Count(1, -1)}"));
        Assert.That(PictureDecoder.Decode(folder["out/labels.png"]).Width, Is.GreaterThan(100));

        using var json = JsonDocument.Parse(Run(0, "data", "show", "--data", folder.Path, "--json"));
        Assert.That(json.RootElement.GetProperty("type").GetString(), Is.EqualTo("csv"));
        var dog = json.RootElement.GetProperty("classes")[1];
        Assert.That(
            dog.GetProperty("parts").GetProperty("train").GetProperty("unknown").GetInt32(), Is.EqualTo(Count(1, -1)));

        static int Count(int index, int label) =>
            SmallDatasets.Pictures("train").Count(i => SmallDatasets.Partial(i, index) == label);
    }

    [Test]
    public void CheckEndsAsALinterDoes()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        string[] check = ["data", "check", "--data", folder.Path, "--csv", folder["out/faults.csv"]];
        Run(0, [.. check, "--tiny", "38"]); // warnings only
        Run(1, [.. check, "--tiny", "38", "--strict"]);
        folder.Write("images/p3.jpg", "no picture");
        Assert.That(Run(1, check), Does.Contain("p3.jpg").And.Contain("unreadable").And.Contain("1 errors"));
        Assert.That(File.ReadAllLines(folder["out/faults.csv"])[1], Does.StartWith("p3.jpg,train,unreadable,error,"));
        using var json = JsonDocument.Parse(Run(1, "data", "check", "--data", folder.Path, "--json"));
        Assert.That(json.RootElement.GetProperty("errors").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public void PackedDataIsTheSameData()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        Assert.That(
            Run(0, "data", "pack", "--data", folder.Path, "--out", folder["shards"], "--shard-size", "3"),
            Does.Contain("train: 8 pictures in 3 shards"));
        var (files, shards) =
            (new DatasetSource(folder.Path).Load("train"), new DatasetSource(folder["shards"]).Load("train"));
        Assert.That(
            shards.Samples.Select(sample => sample.Labels.ToArray()),
            Is.EqualTo(files.Samples.Select(sample => sample.Labels.ToArray())));
        Run(2, "data", "pack", "--data", folder.Path, "--out", folder["shards"]);
    }

    [Test]
    public void ARunOnPixelsIsTheRunOnPictures()
    {
        using var folder = new TemporaryFolder();
        using var runs = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        Assert.That(
            Run(0, "data", "pack", "--data", folder.Path, "--out", folder["raw"], "--raw", "--image-size", "32"),
            Does.Contain("train: 8 pictures in 1 shards").And.Contain("--out run --image-size 32"));
        Run(0, ["train", "--data", folder.Path, "--out", runs["files"], .. Tiny, "--augment", "garments"]);
        Run(0, ["train", "--data", folder["raw"], "--out", runs["raw"], .. Tiny, "--augment", "garments"]);
        Assert.That(
            File.ReadAllBytes(runs["raw/last.safetensors"]),
            Same.As(File.ReadAllBytes(runs["files/last.safetensors"])));
        Run(0, "data", "show", "--data", folder["raw"]);
        Run(0, "data", "check", "--data", folder["raw"]);
        var model = runs["raw/last.safetensors"];
        Run(0, "validate", "--data", folder["raw"], "--weights", model, "--device", "cpu");
        Run(0, "review", "--data", folder["raw"], "--weights", model, "--out", runs["review"], "--device", "cpu");
        Run(2, "validate", "--data", folder["raw"], "--weights", model, "--image-size", "64", "--device", "cpu");
    }

    [TestCase("--image-size", "32")]
    [TestCase("--resize", "bicubic")]
    [TestCase("--max-pixels", "1")]
    [TestCase("--workers", "2")]
    public void OptionsOfPixelsNeedPixels(string option, string value)
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(
            CommandLine.Run(
                ["data", "pack", "--data", folder.Path, "--out", folder["raw"], option, value], output, error),
            Is.EqualTo(2));
        Assert.That(
            error.ToString().TrimEnd(), Does.Contain($"{option}: ").And.Contain("--raw").And.Not.Contain("\n"));
        Assert.That(Directory.Exists(folder["raw"]), Is.False);
    }

    [Test]
    public void AFailedPackLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        SmallDatasets.Csv(folder);
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        using var output = new StringWriter();
        Assert.That(
            CommandLine.Run(
                ["data", "pack", "--data", folder.Path, "--out", folder["shards"]], output, output, stopped.Token),
            Is.EqualTo(130));
        Assert.That(Directory.Exists(folder["shards"]), Is.False);
    }

    [Test]
    public void AnInterruptedRunOverShardsGoesOnToTheSameNumbers()
    {
        using var folder = new TemporaryFolder();
        using var runs = new TemporaryFolder();
        SmallDatasets.Shards(folder);
        Run(0, ["train", "--data", folder.Path, "--out", runs["whole"], .. Tiny, "--workers", "1"]);
        Run(
            0,
            ["train", "--data", folder.Path, "--out", runs["parts"], .. Tiny, "--stop-epoch", "1", "--workers", "2"]);
        Run(0, ["train", "--data", folder.Path, "--out", runs["parts"], .. Tiny, "--resume"]);
        Assert.That(
            File.ReadAllBytes(runs["parts/last.safetensors"]),
            Same.As(File.ReadAllBytes(runs["whole/last.safetensors"])));
    }

    private static string Run(int expected, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(CommandLine.Run(arguments, output, error), Is.EqualTo(expected), error + output.ToString());
        return output.ToString();
    }
}
