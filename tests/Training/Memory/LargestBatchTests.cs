using System.Text.Json;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary><c>--batch-size auto</c> on the processor, and the search by itself.</summary>
[NonParallelizable]
public class LargestBatchTests
{
    private static readonly AttributeTable Table = AttributeTable.OfClasses(["a", "b", "c", "d", "e"]);

    private static readonly string[] Tiny =
    [
        "--layers", "1,1,1,1", "--width", "0.125", "--image-size", "32", "--epochs", "1", "--workers", "1",
        "--device", "cpu",
    ];

    [TestCase(100, 1000, 96)]
    [TestCase(100, 96, 96)]
    [TestCase(100, 95, 88)]
    [TestCase(16, 16, 16)]
    [TestCase(23, 1000, 16)]
    [TestCase(100, 7, 7)]
    [TestCase(100, 1, 1)]
    [TestCase(100, 0, 0)]
    [TestCase(5, 1000, 5)]
    public void TheLargestThatFitsIsAMultipleOfEightOrLess(int most, int limit, int expected)
    {
        var asked = new List<int>();
        Assert.That(LargestBatch.Search(most, batch =>
        {
            asked.Add(batch);
            return batch <= limit;
        }), Is.EqualTo(expected));
        Assert.That(asked, Has.Count.LessThan(16).And.All.InRange(1, most));
    }

    [Test]
    public void ABatchThatNoKernelTakesDoesNotFit() =>
        Assert.That(
            LargestBatch.Search(64, batch => batch > 24 ? throw new EngineException("too many") : true),
            Is.EqualTo(24));

    [Test]
    public void MoreMemoryIsNeededForMorePictures()
    {
        using var backend = Backend.Cpu(1);
        var options = new TrainerOptions { ModelName = "tiny", Layers = [1, 1, 1, 1], Width = 0.25, ImageSize = 32 };
        var (few, many) = (
            LargestBatch.Find(backend, options, 21, Table, limit: 21),
            LargestBatch.Find(backend, options, 43, Table, limit: 43));
        Assert.That((few.BatchSize, many.BatchSize), Is.EqualTo((16, 40)));
        Assert.That(many.NeededBytes, Is.GreaterThan(few.NeededBytes));
        Assert.That(few.AvailableBytes, Is.GreaterThan(many.NeededBytes));
    }

    // Pictures of an epoch, a processor or not, the batch. 24 x 24 pixels leave the last stage one pixel, 36 x 36 four.
    [TestCase(1000, 36, 64)]
    [TestCase(1_000_000, 36, 64)]
    [TestCase(300, 36, 32)]
    [TestCase(40, 36, 5)]
    [TestCase(17, 36, 2)]
    [TestCase(17, 24, 3)]
    [TestCase(16, 24, 2)]
    [TestCase(3, 36, 2)]
    [TestCase(3, 24, 3)]
    [TestCase(2, 36, 1)]
    [TestCase(2, 24, 2)]
    [TestCase(1, 36, 1)]
    public void AnEpochKeepsItsSteps(int pictures, int size, int expected)
    {
        using var backend = Backend.Cpu(1);
        var options =
            new TrainerOptions { ModelName = "tiny", Layers = [1, 1, 1, 1], Width = 0.0625, ImageSize = size };
        Assert.That(LargestBatch.Find(backend, options, pictures, Table).BatchSize, Is.EqualTo(expected));
        Assert.That(
            LargestBatch.Limit(pictures, 65536),
            pictures >= 16 ? Is.EqualTo(Math.Min(pictures / 8, 65536)) : Is.InRange(1, 2),
            "what a GPU's memory is not asked for");
    }

    [Test]
    public void OnePictureTooSmallForAnyBatchIsRefusedAsWhatItIs()
    {
        using var backend = Backend.Cpu(1);
        var options = new TrainerOptions { ModelName = "tiny", Layers = [1, 1, 1, 1], Width = 0.0625, ImageSize = 24 };
        Assert.That(() => LargestBatch.Find(backend, options, 1, Table), Throws.TypeOf<InputException>().With.Message
            .Contains("one training picture").And.Message.EndsWith("give ImageSize 36 or more"));
    }

    [Test]
    public void TheNumberIsPrintedRecordedAndKeptByResume()
    {
        var folder = Directory.CreateTempSubdirectory("flixstock-auto").FullName;
        try
        {
            var (data, run) = (Path.Combine(folder, "data"), Path.Combine(folder, "run"));
            Run("synth", "--out", data, "--count", "40", "--size", "32");
            Run("split", "--data", data, "--no-augment");
            var pictures = GarmentData.Part(data, "train").Samples.Count;
            var expected = pictures / 8;
            Assert.That(
                Run(["train", "--data", data, "--out", run, "--batch-size", "auto", .. Tiny]),
                Does.Match($@"--batch-size auto: {expected} pictures need \d+ of the \d+ MiB that are available on "
                    + $@"CPU.*; an epoch has {(pictures + expected - 1) / expected} steps"));
            using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "run.json")));
            Assert.That(
                description.RootElement.GetProperty("options").GetProperty("batchSize").GetInt32(),
                Is.EqualTo(expected));
            Assert.That(
                Run(["train", "--data", data, "--out", run, "--resume", "--batch-size", "auto", .. Tiny]),
                Does.Not.Contain("--batch-size auto"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.That(CommandLine.Run(arguments, output, error), Is.Zero, error.ToString());
        return output.ToString();
    }
}
