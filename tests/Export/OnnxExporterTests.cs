using System.Text.Json;
using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.Tests.Models;

namespace Flixstock.Tests.Weights;

/// <summary>
/// The exporter on a tiny network: every input, opset, precision and head; what the file says about itself.
/// </summary>
public sealed class OnnxExporterTests
{
    private Backend _backend = null!;
    private TResNet _network = null!;
    private FoldedNetwork _folded = null!;
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void Open()
    {
        _backend = Backend.Cpu(2);
        _network = TinyNetworkGoldenTests.Build(_backend, "tiny_a");
        _folded = new FoldedNetwork(_network);
        _folder = new TemporaryFolder();
    }

    [OneTimeTearDown]
    public void Close()
    {
        _folder.Dispose();
        _folded.Dispose();
        _network.Dispose();
        _backend.Dispose();
    }

    [Test]
    public void Every_input_gives_the_engines_probabilities(
        [Values] OnnxInput input, [Values(1, 5, 0)] int batch, [Values] bool half, [Values] ResizeFilter filter)
    {
        var options = new OnnxExportOptions
        {
            Preparation = new(64, filter),
            Input = input,
            Batch = Math.Max(batch, 1),
            DynamicBatch = batch == 0,
            Half = half,
        };
        Verify(options);
    }

    // 20 / 4 = 5, then 3, 2 and 1 pixels: every average pool meets a border that is not whole, every blur its smallest
    // picture.
    [Test]
    public void Odd_extents_are_pooled_as_in_the_engine([Values(20, 28, 36, 60)] int size) =>
        Verify(new OnnxExportOptions { Preparation = new(size), Input = OnnxInput.Pictures });

    [Test]
    public void Every_opset_runs([Range(OnnxExportOptions.OldestOpset, OnnxExportOptions.NewestOpset)] int opset) =>
        Verify(new OnnxExportOptions
        {
            Preparation = new(64),
            Opset = opset,
            Input = opset < OnnxExportOptions.DefaultOpset ? OnnxInput.Bytes : OnnxInput.Pictures,
        });

    [Test]
    public void A_bottleneck_head_and_version_2_are_written()
    {
        var model = new TResNetOptions
        {
            Name = "tiny_v2",
            Layers = [1, 1, 1, 1],
            Width = 0.125,
            Classes = 9,
            Version2 = true,
            BottleneckHead = 16,
        };
        using var network = new TResNet(_backend, model);
        HashedWeights.Fill(network);
        using var folded = new FoldedNetwork(network);
        var options = new OnnxExportOptions { Preparation = new(48), DynamicBatch = true };
        OnnxExporter.Export(_folder["v2.onnx"], folded, options);
        Assert.That(Passed(folded, options, "v2.onnx"), Is.True);
    }

    [Test]
    public void Other_weights_do_not_pass()
    {
        using var network = TinyNetworkGoldenTests.Build(_backend, "tiny_a");
        HashedWeights.Fill(network);
        using var other = new FoldedNetwork(network);
        foreach (var options in new[]
        {
            new OnnxExportOptions { Preparation = new(64) },
            new OnnxExportOptions { Preparation = new(64), Half = true },
        })
        {
            OnnxExporter.Export(_folder["other.onnx"], other, options);
            Assert.That(Passed(_folded, options, "other.onnx"), Is.False);
        }
    }

    [Test]
    public void A_picture_of_1000_pixels_gets_the_predictors_probabilities()
    {
        var options = new OnnxExportOptions { Preparation = new(64), Input = OnnxInput.Pictures };
        OnnxExporter.Export(_folder["large.onnx"], Checkpoint(), _folded, options);
        using var predictor = new Predictor(Checkpoint(), _backend);
        using var session = new OnnxSession(_folder["large.onnx"]);
        foreach (var (width, height) in new[] { (1000, 1000), (1000, 667), (333, 1000) })
        {
            var picture = OnnxResizeTests.Picture(width, height, 5);
            var actual = session.Run(picture.Pixels, CancellationToken.None, 1, height, width, 3);
            TestTensors.AssertClose(
                actual, predictor.Predict(picture).Probabilities, OnnxVerification.SingleTolerance,
                $"{width} x {height}");
        }
    }

    [Test]
    public void The_file_says_what_it_is()
    {
        OnnxExporter.Export(_folder["described.onnx"], Checkpoint(), _folded, new OnnxExportOptions
        {
            Preparation = Checkpoint().Preparation,
            Input = OnnxInput.Pictures,
            DynamicBatch = true,
            Threshold = 0.6f,
        });
        using var session = new OnnxSession(_folder["described.onnx"]);
        var text = session.Metadata;
        Assert.That(session.InputExtents, Is.EqualTo(new[] { -1, -1, -1, 3 }));
        Assert.That(
            JsonSerializer.Deserialize<string[]>(text["class_names"]), Is.EqualTo(AttributeTable.Garments.ClassNames));
        Assert.That(text["attributes"], Is.EqualTo(
            """[{"name":"Neck","column":"neck","first":0,"classes":7},{"name":"Sleeve Length","column":"sleeve_length","first":7,"classes":4},{"name":"Pattern","column":"pattern","first":11,"classes":10}]"""));
        Assert.That(JsonSerializer.Deserialize<float[]>(text["thresholds"]), Is.EqualTo(Enumerable.Repeat(0.6f, 21)));
        Assert.That(text["preprocessing"], Is.EqualTo(
            """{"image_size":64,"exif_rotate":true,"channels":"RGB","resize":"bilinear","antialias":true,"scale":"1/255","inside":["resize","scale","transpose"]}"""));
        Assert.That(
            (text["format"], text["precision"], text["weights"]), Is.EqualTo(("flixstock onnx", "fp32", "plain")));
        Assert.That(TResNetOptions.FromJson(text["model"]).Classes, Is.EqualTo(21));
    }

    [Test]
    public void Equal_weights_give_equal_files()
    {
        foreach (var name in new[] { "a.onnx", "b.onnx" })
            OnnxExporter.Export(_folder[name], Checkpoint(), _folded, new OnnxExportOptions { Preparation = new(64) });
        Assert.That(File.ReadAllBytes(_folder["a.onnx"]), Same.As(File.ReadAllBytes(_folder["b.onnx"])));
    }

    [TestCase(30, 18, 1, OnnxInput.Singles, "30x30")]
    [TestCase(64, 12, 1, OnnxInput.Singles, "opset 12")]
    [TestCase(64, 99, 1, OnnxInput.Singles, "opset 99")]
    [TestCase(64, 17, 1, OnnxInput.Pictures, "needs opset 18")]
    [TestCase(64, 18, 0, OnnxInput.Bytes, "batch size 0")]
    public void Options_that_cannot_be_are_refused_by_name(
        int size, int opset, int batch, OnnxInput input, string named)
    {
        var options = new OnnxExportOptions { Preparation = new(size), Opset = opset, Batch = batch, Input = input };
        Assert.That(
            () => OnnxExporter.Export(_folder["none.onnx"], _folded, options),
            Throws.TypeOf<InputException>().With.Message.Contains(named));
        Assert.That(File.Exists(_folder["none.onnx"]), Is.False);
    }

    [Test]
    public void A_weight_too_large_for_half_precision_is_named()
    {
        using var network = TinyNetworkGoldenTests.Build(_backend, "tiny_a");
        var state = network.ToStateDict();
        var bias = state["head.fc.bias"].ToFloats();
        bias[3] = 70000;
        network.Load(Replace(state, StateTensors.From("head.fc.bias", [bias.Length], bias)));
        using var folded = new FoldedNetwork(network);
        Assert.That(
            () => OnnxExporter.Export(
                _folder["none.onnx"], folded, new OnnxExportOptions { Preparation = new(64), Half = true }),
            Throws.TypeOf<InputException>().With.Message.Contains("head.fc.bias").And.Message.Contains("70000"));
    }

    private static StateDict Replace(StateDict state, StateTensor replacement)
    {
        var result = new StateDict();
        foreach (var tensor in state)
            result.Add(tensor.Name == replacement.Name ? replacement : tensor);
        return result;
    }

    private Checkpoint Checkpoint() => new()
    {
        State = _network.ToStateDict(),
        Model = _network.Options,
        Attributes = AttributeTable.Garments,
        Preparation = new(64, ExifRotate: true),
    };

    private void Verify(OnnxExportOptions options)
    {
        OnnxExporter.Export(_folder["model.onnx"], _folded, options);
        Assert.That(Passed(_folded, options, "model.onnx"), Is.True);
    }

    private bool Passed(FoldedNetwork folded, OnnxExportOptions options, string file)
    {
        var verification = new OnnxVerification(folded, options);
        verification.Run(_folder[file], threads: 1);
        TestContext.Out.WriteLine($"{verification.Difference:e2} of {verification.Tolerance:e2}");
        return verification.Passed;
    }
}
