using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Cli;

/// <summary>Every wrong input: one line that names the thing, the right exit code, nothing half-written.</summary>
public class BadInputTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("flixstock-cli").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private static IEnumerable<TestCaseData> Usage()
    {
        yield return new TestCaseData("bogus", "bogus").SetName("an unknown command");
        yield return new TestCaseData("split --data {0}/nowhere", "nowhere").SetName("split: a missing folder");
        yield return new TestCaseData("split --data {0}", "attributes_cleaned.csv").SetName("split: an empty folder");
        yield return new TestCaseData("train --data {0}/nowhere --out {0}/run", "nowhere")
            .SetName("train: a missing folder");
        yield return new TestCaseData("train --data {0} --out {0}/run", "flixstock split")
            .SetName("train: a folder that was not split");
        yield return new TestCaseData("train --data {0} --out {0}/run --batch-size 0", "--batch-size")
            .SetName("train: batch size 0");
        yield return new TestCaseData("train --data {0} --out {0}/run --image-size 30", "30x30")
            .SetName("train: image size 30");
        yield return new TestCaseData("train --data {0} --out {0}/run --partial-loss-mode maybe", "maybe")
            .SetName("train: an unknown mode");
        yield return new TestCaseData("train --data {0} --out {0}/run --layers 1,2", "--layers")
            .SetName("train: too few stages");
        yield return new TestCaseData("train --data {0} --out {0}/run --device tpu", "tpu")
            .SetName("an unknown device");
        yield return new TestCaseData("validate --data {0} --weights {0}/none.safetensors", "none.safetensors")
            .SetName("validate: a missing checkpoint");
        yield return new TestCaseData("export --weights {0}/none.safetensors --out {0}/model.onnx", "none.safetensors")
            .SetName("export: a missing checkpoint");
        yield return new TestCaseData("infer --weights {0}/none.safetensors {0}/none.jpg", "none.jpg")
            .SetName("infer: a missing picture");
        yield return new TestCaseData("infer --weights {0}/none.safetensors {0}", "no picture")
            .SetName("infer: a folder without pictures");
        foreach (var option in new[]
        {
            "--image-size", "--batch-size", "--lr", "--epochs", "--stop-epoch", "--weight-decay", "--gamma_pos",
            "--gamma-neg", "--gamma-unann", "--alpha-pos", "--alpha-neg", "--alpha-unann", "--clip",
            "--likelihood-topk", "--prior-threshold", "--workers", "--seed", "--threads", "--width",
        })
        {
            yield return new TestCaseData($"train --data {{0}} --out {{0}}/run {option} many", "many")
                .SetName($"train: {option} is not a number");
        }
    }

    [TestCaseSource(nameof(Usage))]
    public void WrongInputIsOneLineAndExitCodeTwo(string commandLine, string named)
    {
        var (exit, error) = Run(string.Format(commandLine, _folder).Split(' '));
        Assert.That(exit, Is.EqualTo(2), error);
        Assert.That(error.TrimEnd(), Does.Contain(named).And.Not.Contain("\n").And.Not.Contain("   at "));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder), Is.Empty, "nothing may be written");
    }

    [Test]
    public void CudaWithoutOneIsAFailureOfTheMachine()
    {
        var (exit, error) = Run("infer", "--weights", "x", _folder, "--device", "cuda");
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(error, Does.Contain("--device cuda"));
    }

    [TestCase("", "zero bytes")]
    [TestCase("this is a text", "a text")]
    public void APictureThatIsNoneStopsTheSplitByName(string contents, string _)
    {
        var data = Path.Combine(_folder, "data");
        GarmentSynthesizer.Draw(data, new SynthesisOptions { Count = 30, Size = 32 });
        var layout = new DatasetLayout(data);
        File.WriteAllText(Path.Combine(layout.CleanedImages, "garment_00003.jpg"), contents);
        var before = Directory.GetFileSystemEntries(data, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).ToArray();
        var (exit, error) = Run("split", "--data", data);
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(error, Does.Contain("garment_00003.jpg"));
        Assert.That(
            Directory.GetFileSystemEntries(data, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
            Is.EqualTo(before));
        Assert.That(Run("split", "--data", data, "--skip-bad").Exit, Is.Zero);
    }

    [Test]
    public void ACorruptCheckpointIsNamed()
    {
        var file = Path.Combine(_folder, "broken.safetensors");
        File.WriteAllBytes(file, [1, 2, 3]);
        var picture = Path.Combine(_folder, "picture.png");
        PictureWriter.WritePng(picture, new RgbPicture(1, 1, [1, 2, 3]));
        var (exit, error) = Run("infer", "--weights", file, picture);
        Assert.That(exit, Is.EqualTo(2));
        Assert.That(error, Does.Contain("broken.safetensors"));
    }

    private static (int Exit, string Error) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(args, output, error), error.ToString());
    }
}
