using Main = Flixstock.Cli.CommandLine;

namespace Flixstock.Tests.Cli;

/// <summary><c>flixstock bench</c>: a row for each kind of work.</summary>
public sealed class BenchTests
{
    private static readonly string[] Small = ["bench", "--device", "cpu", "--image-size", "32", "--repeats", "1"];

    [Test]
    public void EveryKindOfWorkHasItsRow()
    {
        using var folder = new TemporaryFolder();
        folder.CleanedDataset(20);
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        Assert.That(Main.Run(["split", "--data", folder.Path, "--no-augment"], output, error), Is.Zero);
        Assert.That(
            Main.Run([.. Small, "--batch-size", "2", "--data", folder.Path, "--workers", "1"], output, error),
            Is.Zero, error.ToString());
        var lines = output.ToString().Split('\n');
        foreach (var work in new[] { "inference, batch 1", "inference, batch 2", "training, batch 2", "loading" })
        {
            var row = lines.Single(line => line.TrimStart().StartsWith(work, StringComparison.Ordinal)
                && char.IsDigit(line.TrimEnd()[^1]));
            Assert.That(double.Parse(row.Split(' ')[^1]), Is.Positive, row);
        }
    }

    [TestCase("--image-size", "30", "nearest is 32x32")]
    [TestCase("--model-name", "resnet", "resnet")]
    [TestCase("--data", "/nowhere", "/nowhere")]
    public void WhatCannotBeIsOneLine(string option, string value, string expected)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] size = option == "--image-size" ? [] : ["--image-size", "32"];
        Assert.That(
            Main.Run(["bench", "--device", "cpu", "--repeats", "1", .. size, option, value], output, error),
            Is.EqualTo(2));
        Assert.That(error.ToString().TrimEnd(), Does.Contain(expected).And.Not.Contain("\n"));
    }

    [Test]
    public void ThePartsOfLoadingHaveTheirRows()
    {
        using var folder = new TemporaryFolder();
        Data.SmallDatasets.Csv(folder);
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        string[] loader =
        [
            "bench", "loader", "--data", folder.Path, "--image-size", "32", "--augment", "garments", "--workers", "2",
            "--repeats", "2",
        ];
        Assert.That(Main.Run(loader, output, error), Is.Zero, error.ToString());
        Assert.That(
            output.ToString(),
            Does.Contain("8 pictures").And.Contain("32 x 32 (bilinear, EXIF orientation ignored)")
                .And.Match(@"reading the file +\d+ +\d+ ?%").And.Match(@"decoding +\d+").And.Match(@"resizing +\d+")
                .And.Match(@"augmenting +\d+").And.Match(@"all +\d+ +100 ?%")
                .And.Match(@"\n +1 +[\d.]+ +[\d.]+ +[\d.]+").And.Match(@"\n +2 +[\d.]+"));
    }

    [TestCase("--data", "/nowhere", "/nowhere")]
    [TestCase("--image-size", "0", "--image-size '0'")]
    [TestCase("--augment", "cutout", "--augment 'cutout'")]
    [TestCase("--resize", "nearest", "--resize 'nearest'")]
    [TestCase("--repeats", "none", "--repeats 'none'")]
    public void WhatCannotBeLoadedIsOneLine(string option, string value, string expected)
    {
        using var folder = new TemporaryFolder();
        Data.SmallDatasets.Csv(folder);
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] data = option == "--data" ? [] : ["--data", folder.Path];
        Assert.That(Main.Run(["bench", "loader", .. data, option, value], output, error), Is.EqualTo(2));
        Assert.That(error.ToString().TrimEnd(), Does.Contain(expected).And.Not.Contain("\n"));
    }
}
