using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Experiments;

/// <summary>A grid over labels of which some are unknown already, so that none need be hidden.</summary>
[NonParallelizable]
public sealed class UnknownLabelsTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        for (var i = 0; i < 8; i++)
            _folder.Write($"data/images/p{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i));
        _folder.Write("data/train.csv", "filename,cat,dog\np0.jpg,1,\np1.jpg,,1\np2.jpg,,\np3.jpg,1,\np4.jpg,,1\n");
        _folder.Write("data/val.csv", "filename,cat,dog\np5.jpg,1,\np6.jpg,,1\np7.jpg,,\n");
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void TheDrawingsGridNamesNoSimulation()
    {
        var cells = ExperimentFile.Read(Repository.Find("docs", "clipart.json")).Cells();
        Assert.That(cells, Has.Count.EqualTo(27));
        Assert.That(cells.Select(cell => cell.Simulation), Is.All.EqualTo("none"));
        Assert.That(cells.SelectMany(cell => cell.Options.Keys), Has.None.StartsWith("simulate"));
    }

    [TestCase("", TestName = "SimulationsMayBeLeftOut")]
    [TestCase("\"simulations\": [],", TestName = "SimulationsMayBeNone")]
    public void TheLabelsStayAsTheyAre(string simulations)
    {
        _folder.Write("grid.json", $$"""
            {
              {{simulations}}
              "train": { "layers": [1, 1, 1, 1], "width": 0.1, "image-size": 32, "epochs": 1, "batch-size": 5 },
              "methods": [ { "name": "Negative", "train": { "partial-loss-mode": "negative" } } ]
            }
            """);
        using var error = new StringWriter();
        Assert.That(
            CommandLine.Run(
                [
                    "experiment", _folder["grid.json"], "--data", _folder["data"], "--out", _folder["runs"],
                    "--device", "cpu", "--threads", "2",
                ],
                TextWriter.Null, error),
            Is.Zero, error.ToString());
        Assert.That(
            File.ReadAllText(_folder["runs/tables.md"]), Does.Contain("none, 40.0 % of the training labels known"));
        Assert.That(File.Exists(_folder["runs/none/negative/seed-1/last.safetensors"]));
        Assert.That(
            File.ReadAllText(_folder["runs/none/negative/seed-1/result.json"]),
            Does.Match("\"meanAp\": ?\"NaN\"").And.Not.Match("\"validationLoss\": ?\"NaN\""),
            "no label is negative: the loss decides");
    }
}
