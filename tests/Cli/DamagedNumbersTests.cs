using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.Tests.Data;
using Flixstock.Tests.Weights;

namespace Flixstock.Tests.Cli;

/// <summary>
/// Numbers that a file may hold and no network can use: every command says in one line which file and what in it.
/// </summary>
public sealed class DamagedNumbersTests
{
    private const string Tensor = "body.layer1.0.conv1.0.weight", Variance = "body.layer1.0.conv1.1.running_var";
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void Prepare()
    {
        _folder = new TemporaryFolder();
        SmallDatasets.Csv(_folder);
        Save("nan.safetensors", Tensor, values => values[7] = float.NaN);
        Save("infinite.safetensors", Tensor, values => values[^1] = float.NegativeInfinity);
        Save("negative.safetensors", Variance, values => values[0] = -1);
        Save("huge.safetensors", Tensor, values => Array.Fill(values, 3e38f));
        TorchFile.Write(_folder["nan.pth"], Changed(Tensor, values => values[7] = float.NaN));
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [TestCase("infer", "images/p0.jpg")]
    [TestCase("infer", "images/p0.jpg", "--json")]
    [TestCase("validate", "--out", "new")]
    [TestCase("export", "--out", "new.onnx")]
    [TestCase("thresholds", "--out", "new.safetensors")]
    [TestCase("prior", "--out", "new.csv")]
    [TestCase("review", "--out", "new.csv")]
    [TestCase(
        "train", "--out", "new", "--layers", "1,1,1,1", "--width", "0.0625", "--image-size", "32", "--epochs", "1",
        "--batch-size", "4")]
    public void WeightsThatAreNotFiniteAreRefusedByEveryCommand(string command, params string[] more)
    {
        foreach (var file in new[] { "nan.safetensors", "infinite.safetensors", "nan.pth" })
            Refused(file, $"'{Tensor}' holds 1 of", Arguments(command, file, more));
        Refused("negative.safetensors", $"'{Variance}' holds -1", Arguments(command, "negative.safetensors", more));
    }

    [TestCase("infer", "images/p0.jpg", "--json")]
    [TestCase("validate", "--out", "new")]
    public void ScoresThatOverflowAreAFailureAndNoResult(string command, params string[] more)
    {
        var (exit, error) = Run(Arguments(command, "huge.safetensors", more));
        Assert.That(exit, Is.EqualTo(1), error);
        Assert.That(error, Does.Contain("not finite"));
    }

    [TestCase("image_size", "65504", "image size 65504x65504: the largest possible is 16384x16384")]
    [TestCase("resize", "99", "resize '99': give one of")]
    [TestCase("resize", "bilinear,bicubic", "resize 'bilinear,bicubic'")]
    [TestCase("weights", "1", "weights '1': give one of plain, average")]
    [TestCase("head", "0", "head '0': give one of sigmoid, grouped")]
    [TestCase("mean_ap", "NaN", "mean_ap")]
    [TestCase("epoch", "-3", "epoch")]
    [TestCase(
        "model",
        """{"name":"x","layers":[2000000000,1,1,1],"width":0.0625,"classes":3,"version2":false,"bottleneckHead":null}""",
        "from 1 to 1000")]
    [TestCase(
        "attributes",
        """{"attributes":[{"name":"a","column":"b","classes":1000000},{"name":"c","column":"d","classes":1000000}]}""",
        "2000000 classes together")]
    [TestCase("attributes", """{"attributes":[null]}""", "attribute")]
    public void ADescriptionWithImpossibleNumbersIsRefused(string key, string value, string expected)
    {
        var state = Changed(Tensor, _ => { });
        state.Metadata[key] = value;
        SafetensorsFile.Write(_folder["described.safetensors"], state);
        Refused(
            "described.safetensors", expected, "infer", _folder["images/p0.jpg"],
            "--weights", _folder["described.safetensors"]);
    }

    [Test]
    public void ANetworkThatNoMachineCanHoldIsRefusedWithWhatItWouldNeed() => Refused(
        "--layers", "99,99,99,99 with width 4", "train", "--data", _folder.Path, "--out", _folder["new"],
        "--layers", "99,99,99,99", "--width", "4", "--image-size", "32", "--batch-size", "4");

    [Test]
    public void ATrainingThatNoMachineCanHoldIsRefusedBeforeItBegins()
    {
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(backend, TinyWeights.Options);
        var options = new TrainerOptions { BatchSize = 2000, ImageSize = 1024 };
        Assert.That(
            () => StepMemory.Require(
                network, new SelectiveLoss(backend), options.Steps(new OneCycleSchedule(1e-3, 10), 2000)),
            Throws.TypeOf<DeviceMemoryException>().With.Message.Contains("needs"));
    }

    [Test]
    public void AnotherModelIsNamedByWhatDiffers() => Refused(
        "described.safetensors", "it has layers 1,1,1,1 instead of 3,4,11,3, width 0.0625 instead of 1",
        Arguments("infer", Plain("described.safetensors"), "images/p0.jpg", "--model-name", "tresnet_m"));

    [Test]
    public void LongNamesAreShortenedInMessages()
    {
        var name = new string('x', 5_000_000);
        Assert.Multiple(() =>
        {
            Assert.That(
                new InputException($"a.csv: the class '{name}' is unknown; correct it").Message,
                Has.Length.LessThan(400).And.EndsWith("is unknown; correct it").And.StartWith("a.csv: the class 'xxx"));
            Assert.That(new EngineException(name).Message, Has.Length.LessThan(12_000));
            Assert.That(new InputException("a.csv: it's 'short'").Message, Is.EqualTo("a.csv: it's 'short'"));
        });
    }

    [Test]
    public void AGridOfMoreTrainingsThanAnybodyCanRunIsRefused()
    {
        var values = string.Join(',', Enumerable.Range(1, 1000));
        _folder.Write(
            "grid.json",
            $$"""{"data": "d", "out": "o", "vary": {"lr": [{{values}}], "weight-decay": [{{values}}], "batch-size": [{{values}}]}, "methods": [{"name": "a"}]}""");
        Refused("grid.json", "a grid of 1,000,000,000 trainings", "experiment", _folder["grid.json"]);
    }

    [Test]
    public void AHeaderOfAMillionTensorsIsRefusedEarly()
    {
        var entries = string.Join(',', Enumerable.Range(0, 100_001)
            .Select(i => $"\"t{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}"));
        var header = System.Text.Encoding.UTF8.GetBytes($"{{{entries}}}");
        Assert.That(
            () => SafetensorsFile.Parse((byte[])[.. BitConverter.GetBytes((long)header.Length), .. header], "many"),
            Throws.TypeOf<InputException>().With.Message.Contains("more than 100000 tensors"));
    }

    private string[] Arguments(string command, string file, params string[] more)
    {
        var data = command is "infer" or "export" ? Array.Empty<string>() : ["--data", _folder.Path];
        return [command, .. data, "--weights", _folder[file], .. more.Select(
            word => word is "new" or "images/p0.jpg" || word.StartsWith("new.", StringComparison.Ordinal)
                ? _folder[word]
                : word)];
    }

    private string Plain(string file)
    {
        Save(file, Tensor, _ => { });
        return file;
    }

    private void Save(string file, string tensor, Action<float[]> change) =>
        SafetensorsFile.Write(_folder[file], Changed(tensor, change));

    private StateDict Changed(string tensor, Action<float[]> change)
    {
        var path = _folder["plain.safetensors"];
        if (!File.Exists(path))
        {
            new Checkpoint
            {
                State = TinyWeights.Plain,
                Model = TinyWeights.Options,
                Attributes = AttributeTable.OfClasses(SmallDatasets.Classes),
                Preparation = new(32),
            }.Save(path);
        }
        var result = new StateDict();
        var read = SafetensorsFile.Read(path);
        var changed = read[tensor].ToFloats();
        change(changed);
        foreach (var one in read)
            result.Add(one.Name == tensor ? StateTensors.From(one.Name, one.Shape, changed) : one);
        foreach (var (key, value) in read.Metadata)
            result.Metadata[key] = value;
        return result;
    }

    private void Refused(string named, string expected, params string[] arguments)
    {
        var before = Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).ToArray();
        var (exit, error) = Run(arguments);
        Assert.Multiple(() =>
        {
            Assert.That(exit, Is.EqualTo(2), error);
            var lines = error.TrimEnd().Split('\n')
                .Where(line => !line.StartsWith("note: ", StringComparison.Ordinal)).ToList();
            Assert.That(lines, Has.Count.EqualTo(1));
            Assert.That(error, Does.Contain(expected));
            Assert.That(error, named.StartsWith('-') ? Does.Contain("layers") : Does.Contain(_folder[named]));
            Assert.That(
                Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories)
                    .Order(StringComparer.Ordinal),
                Is.EqualTo(before), "nothing may be written");
        });
    }

    private static (int Exit, string Error) Run(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(arguments, output, error), error.ToString());
    }
}
