using System.Text.Json.Nodes;
using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// A state that is damaged or of another run is never used; what can be repaired is, and a line says so.
/// </summary>
[NonParallelizable]
public class DamagedStateTests
{
    private static readonly TrainerOptions Tiny = TinyTraining.Options with { Width = 0.0625 };

    private string _folder = "";
    private ImageDataset _data = null!;

    [OneTimeSetUp]
    public void TrainTwoRuns()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-damaged").FullName;
        _data = TinyTraining.Pictures(_folder);
        Train("whole", Tiny);
        Train("begun", Tiny with { StopEpoch = 2 });
        Train("other", Tiny with { StopEpoch = 2, Seed = 4 });
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("a bit of the weights")]
    [TestCase("a bit of the metadata")]
    [TestCase("cut")]
    [TestCase("empty")]
    [TestCase("zeros")]
    [TestCase("missing")]
    public void TheStateBeforeItIsTakenAndTheEndIsTheSame(string damage)
    {
        var run = Copy("begun", damage);
        Damage(Path.Combine(run, "state.safetensors"), damage);
        var notes = Train(damage, Tiny, resume: true);
        Assert.That(
            notes, Has.Some.Contains("continuing from the state before it").And.Some.Contains("state.safetensors"));
        RequireSameEnd(damage);
    }

    [Test]
    public void WithoutAnOlderStateADamagedOneIsAnError()
    {
        var run = Copy("begun", "alone");
        Damage(Path.Combine(run, "state.safetensors"), "a bit of the weights");
        File.Delete(Path.Combine(run, "state.previous.safetensors"));
        Assert.That(
            () => Train("alone", Tiny, resume: true),
            Throws.InstanceOf<InputException>().With.Message.Contains("its checksum is wrong"));
    }

    [TestCase("state.safetensors")]
    [TestCase("run.json")]
    public void AFileOfAnotherRunIsRefused(string file)
    {
        var run = Copy("begun", $"mixed {file}");
        File.Copy(Path.Combine(_folder, "other", file), Path.Combine(run, file), overwrite: true);
        Assert.That(() => Train($"mixed {file}", file == "run.json" ? Tiny with { Seed = 4 } : Tiny, resume: true),
            Throws.InstanceOf<InputException>().With.Message
                .Contains("the state is not of the run that run.json describes").And.Message.Contains("seed"));
    }

    [Test]
    public void AChangedDescriptionIsRefused()
    {
        var run = Copy("begun", "changed");
        var path = Path.Combine(run, "run.json");
        var description = JsonNode.Parse(File.ReadAllText(path))!;
        description["options"]!["epochs"] = 8;
        File.WriteAllText(path, description.ToJsonString());
        Assert.That(
            () => Train("changed", Tiny with { Epochs = 8 }, resume: true),
            Throws.InstanceOf<InputException>().With.Message.Contains("epochs 3 instead of 8"));
    }

    [TestCase("epoch,step\n1,x\n")]
    [TestCase("\0\0\0")]
    [TestCase(null)]
    public void MetricsAreRepaired(string? text)
    {
        var run = Copy("begun", $"metrics {text?.Length}");
        var path = Path.Combine(run, "metrics.csv");
        if (text is null)
            File.Delete(path);
        else
            File.WriteAllText(path, text);
        Assert.That(
            Train(Path.GetFileName(run), Tiny, resume: true),
            Has.Some.Contains("metrics.csv is repaired from the state"));
        RequireSameEnd(Path.GetFileName(run));
        string[] Figures(string name) => [.. RunMetrics.Read(Path.Combine(_folder, name, "metrics.csv"))
            .Select(epoch => (epoch with { Seconds = 0, ImagesPerSecond = 0, DataWait = 0 }).ToString())];
        Assert.That(Figures(Path.GetFileName(run)), Is.EqualTo(Figures("whole")));
    }

    [TestCase("cut")]
    [TestCase("empty")]
    [TestCase("zeros")]
    [TestCase("missing")]
    public void TheListOfPicturesIsRepaired(string damage)
    {
        var run = Copy("begun", $"list {damage}");
        Damage(Path.Combine(run, "pictures.csv.gz"), damage);
        Assert.That(Train(Path.GetFileName(run), Tiny, resume: true), Has.Some.Contains("pictures.csv.gz is repaired"));
        Assert.That(
            File.ReadAllBytes(Path.Combine(run, "pictures.csv.gz")),
            Same.As(File.ReadAllBytes(Path.Combine(_folder, "whole", "pictures.csv.gz"))));
        RequireSameEnd(Path.GetFileName(run));
    }

    [Test]
    public void OneStateIsKeptWhereOneIsAskedFor()
    {
        Train("one", Tiny with { KeepStates = 1 });
        Assert.That(
            Directory.GetFiles(Path.Combine(_folder, "one"), "state*").Select(Path.GetFileName),
            Is.EqualTo(new[] { "state.safetensors" }));
        Train("none", Tiny with { KeepResumeState = false });
        Assert.That(Directory.GetFiles(Path.Combine(_folder, "none"), "state*"), Is.Empty);
    }

    private static void Damage(string path, string how)
    {
        var bytes = File.ReadAllBytes(path);
        switch (how)
        {
            case "missing":
                File.Delete(path);
                return;
            case "cut":
                bytes = bytes[..(bytes.Length / 2)];
                break;
            case "empty":
                bytes = [];
                break;
            case "zeros":
                Array.Clear(bytes);
                break;
            default:
                bytes[how.EndsWith("weights", StringComparison.Ordinal)
                    ? ^9
                    : bytes.AsSpan().IndexOf("pictures_seen"u8) + 16] ^= 1;
                break;
        }

        File.WriteAllBytes(path, bytes);
    }

    private string Copy(string from, string to)
    {
        var target = Directory.CreateDirectory(Path.Combine(_folder, to)).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(_folder, from)))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return target;
    }

    private void RequireSameEnd(string name)
    {
        foreach (var file in new[]
        {
            "last.safetensors", "average.safetensors", "best.safetensors", "prior.csv", "state.safetensors",
        })
        {
            Assert.That(
                File.ReadAllBytes(Path.Combine(_folder, name, file)),
                Same.As(File.ReadAllBytes(Path.Combine(_folder, "whole", file))), file);
        }
    }

    private IReadOnlyList<string> Train(string name, TrainerOptions options, bool resume = false)
    {
        var folder = Path.Combine(_folder, name);
        using var backend = Backend.Cpu(1);
        using var trainer = new Trainer(
            backend, _data, _data, options, resume ? TrainingRun.Open(folder) : TrainingRun.Create(folder), resume);
        trainer.Train();
        return [.. trainer.Notes.Select(note => note.ToString())];
    }
}
