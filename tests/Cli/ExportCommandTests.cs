using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.Tests.Models;

namespace Flixstock.Tests.Cli;

/// <summary><c>flixstock export</c>: options, output, failures.</summary>
public sealed class ExportCommandTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void WriteCheckpoint()
    {
        _folder = new TemporaryFolder();
        using var backend = Backend.Reference();
        using var network = TinyNetworkGoldenTests.Build(backend, "tiny_a");
        new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = AttributeTable.Garments,
            Preparation = new(64),
        }.Save(_folder["w.safetensors"]);
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("", "fp32", 64)]
    [TestCase("--dynamic-batch --uint8-input", "fp32", 64)]
    [TestCase("--preprocess --fp16 --image-size 48 --resize bicubic --batch-size 2", "fp16", -1)]
    [TestCase("--opset 15 --thre 0.5", "fp32", 64)]
    public void A_verified_file_is_written(string options, string precision, int height)
    {
        var (exit, output, error) = Run($"--verify {options}");
        Assert.That((exit, error), Is.EqualTo((0, "")));
        Assert.That(
            output, Does.Contain("probabilities differ by at most").And.Contain("written: ").And.Contain(precision));
        using var session = new OnnxSession(_folder["out/model.onnx"]);
        Assert.That(
            session.InputExtents[options.Contains("input", StringComparison.Ordinal) ? 1 : 2], Is.EqualTo(height));
        Assert.That(Directory.GetFileSystemEntries(_folder["out"]), Has.Length.EqualTo(1), "nothing is left beside it");
    }

    [TestCase("--opset 12", "--opset '12'")]
    [TestCase("--opset eighteen", "--opset 'eighteen'")]
    [TestCase("--preprocess --opset 17", "needs opset 18")]
    [TestCase("--image-size 30", "30x30")]
    [TestCase("--batch-size 0", "--batch-size '0'")]
    [TestCase("--batch-size 2 --dynamic-batch", "exclude each other")]
    [TestCase("--resize nearest", "nearest")]
    [TestCase("--thre 2", "--thre '2'")]
    [TestCase("--model-name tresnet_xl", "tresnet_xl")]
    [TestCase("--fp17", "--fp16")]
    public void A_wrong_option_is_one_line_and_writes_nothing(string options, string named)
    {
        var (exit, _, error) = Run(options);
        Assert.That(exit, Is.EqualTo(2), error);
        Assert.That(error.TrimEnd(), Does.Contain(named).And.Not.Contain("\n"));
        Assert.That(Directory.Exists(_folder["out"]), Is.False);
    }

    [Test]
    public void A_folder_in_the_files_place_is_named()
    {
        Directory.CreateDirectory(_folder["out/model.onnx"]);
        var (exit, _, error) = Run("");
        Assert.That((exit, error), Is.EqualTo((2, $"error: --out {_folder["out/model.onnx"]}: that is a folder; give a "
            + $"file, as {_folder["out/model.onnx/model.onnx"]}{Environment.NewLine}")));
    }

    [Test]
    public void A_file_that_is_no_model_is_a_failure_of_the_machine_in_one_line()
    {
        File.WriteAllText(_folder["text.onnx"], "a text");
        Assert.That(
            () => new OnnxSession(_folder["text.onnx"]),
            Throws.TypeOf<EngineException>().With.Message.StartsWith(_folder["text.onnx"]));
    }

    private (int Exit, string Output, string Error) Run(string options)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] arguments =
        [
            "export", "--weights", _folder["w.safetensors"], "--out", _folder["out/model.onnx"],
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ];
        return (CommandLine.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
