using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// A run that commit 6b1c451 wrote, before networks and losses became types, in <c>golden/run</c>: three epochs of
/// <see cref="TinyTraining"/> at a width of 0.0625, one run whole, one stopped after the fourth step, one with the
/// grouped head.
/// </summary>
[NonParallelizable]
public sealed class EarlierRunTests
{
    private string _folder = "";

    [SetUp]
    public void CopyRun()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-earlier").FullName;
        foreach (var path in Directory.EnumerateFiles(Golden.PathOf("run"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_folder, Path.GetRelativePath(Golden.PathOf("run"), path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void ItContinuesToTheNumbersOfThatVersion()
    {
        using var backend = Backend.Cpu(2);
        var data = TinyTraining.Pictures(Path.Combine(_folder, "pictures"));
        var run = TrainingRun.Open(Path.Combine(_folder, "stopped"));
        var options = run.ReadOptions() with { PriorPath = Path.Combine(_folder, "prior.csv") };
        using (var trainer = new Trainer(backend, data, data, options, run, resume: true))
            trainer.Train();
        // The same bytes on a machine with registers of the same width; other widths round sums in another order.
        var (expected, actual) = (Tensors("whole"), Tensors("stopped"));
        Assert.That(actual.Names, Is.EqualTo(expected.Names));
        foreach (var tensor in expected.Where(tensor => tensor.Type == StateType.F32))
            TestTensors.AssertClose(actual[tensor.Name].ToFloats(), tensor.ToFloats(), 1e-5, tensor.Name);
        Assert.That(actual.Metadata.Keys, Is.EqualTo(expected.Metadata.Keys));
        Assert.That(
            actual.Metadata.Where(entry => entry.Key != "mean_ap"),
            Is.EqualTo(expected.Metadata.Where(entry => entry.Key != "mean_ap")));
    }

    [Test]
    public void ItsCheckpointsAreReadAndWrittenToTheSameBytes(
        [Values("whole/last", "stopped/best", "grouped/best")] string name)
    {
        var path = Path.Combine(_folder, name + ".safetensors");
        using (var checkpoint = Checkpoint.Load(path))
        {
            Assert.That(
                checkpoint.Head,
                Is.EqualTo(name.StartsWith("grouped", StringComparison.Ordinal) ? HeadKind.Grouped : HeadKind.Sigmoid));
            checkpoint.Save(path + ".copy");
        }
        Assert.That(File.ReadAllBytes(path + ".copy"), Same.As(File.ReadAllBytes(path)));
        using var predictor = Predictor.Load(path);
        Assert.That(predictor.Predict(Path.Combine(_folder, "pictures", "0.png")).Labels, Has.Count.EqualTo(3));
    }

    private StateDict Tensors(string run) => SafetensorsFile.Read(Path.Combine(_folder, run, "last.safetensors"));
}
