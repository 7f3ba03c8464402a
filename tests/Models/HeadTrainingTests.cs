using Flixstock.Engine;
using Flixstock.Tests.Training;

namespace Flixstock.Tests.Models;

/// <summary>
/// Networks with an attention head or boosted scores: trained, stopped and resumed to the same bytes, known again from
/// their weights alone, folded to the same scores.
/// </summary>
[NonParallelizable]
public sealed class HeadTrainingTests
{
    private static readonly TrainerOptions Tiny = TinyTraining.Options with { Epochs = 2, Width = 0.0625 };

    private string _folder = "";
    private ImageDataset _data = null!;

    [OneTimeSetUp]
    public void MakePictures()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-heads").FullName;
        _data = TinyTraining.Pictures(_folder);
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private static IEnumerable<TestCaseData> Heads()
    {
        static TestCaseData Case(string name, TrainerOptions options) =>
            new TestCaseData(options).SetArgDisplayNames(name);
        yield return Case("decoder", Tiny with { Decoder = new MlDecoderOptions(Width: 16, Dropout: 0.3) });
        yield return Case(
            "decoder, 5 queries, grouped",
            Tiny with { Decoder = new MlDecoderOptions(5, 16, 0), Head = HeadKind.Grouped });
        yield return Case("boost", Tiny with { Boost = 5 });
    }

    [TestCaseSource(nameof(Heads))]
    public void AStoppedRunGoesOnToTheSameBytes(TrainerOptions options)
    {
        Train("whole", options);
        Train("stopped", options, stopAfter: 4);
        Train("stopped", TrainingRun.OptionsIn(Path.Combine(_folder, "stopped"))!, resume: true);
        foreach (var file in new[] { "last.safetensors", "average.safetensors", "best.safetensors" })
            Assert.That(Bytes("stopped", file), Same.As(Bytes("whole", file)), file);
    }

    [TestCaseSource(nameof(Heads))]
    public void FoldedScoresAreTheNetworks(TrainerOptions options)
    {
        Train("folded", options with { Epochs = 1 });
        foreach (var kind in Kinds.All)
        {
            using var backend = Kinds.Open(kind);
            using var checkpoint = Checkpoint.Load(Path.Combine(_folder, "folded", "last.safetensors"));
            using var network = checkpoint.Model.Create(backend);
            network.Load(checkpoint.State);
            using var arena = new DynamicArena(backend.Device);
            var shape = new Shape(3, 32, 32, 3);
            var pictures = backend.Device.FromHost<float>(
                [.. TestTensors.Random(shape.Count, 8).Select(value => Math.Clamp(value, 0, 1))], shape);
            var logits = network.Forward(new Pass(backend.Kernels, arena, Training: false), pictures);
            using var folded = checkpoint.Fold(backend);
            var expected = backend.Device.ToHost<float>(logits);
            TestTensors.AssertClose(
                backend.Device.ToHost<float>(folded.Forward(pictures)), expected, 2e-5 * TestTensors.Largest(expected),
                kind);
        }
    }

    // Before opset 17 layer normalization is written as what it is made of.
    [Test]
    public void AnExportedHeadGivesTheEnginesScores(
        [Values(OnnxExportOptions.OldestOpset, 16, 17, OnnxExportOptions.NewestOpset)] int opset,
        [Values] bool half, [Values] bool boosts)
    {
        using var backend = Backend.Cpu(2);
        var model = (Tiny with
        {
            Boost = boosts ? 5 : null,
            Decoder = boosts ? null : new MlDecoderOptions(5, 16),
        }).Model(21);
        using var network = model.Create(backend);
        network.Initialize(3);
        using var folded = new FoldedNetwork(network);
        var options = new OnnxExportOptions
        {
            Preparation = new(32),
            Opset = opset,
            Half = half,
            DynamicBatch = true,
            Input = OnnxInput.Bytes,
        };
        var file = Path.Combine(_folder, "head.onnx");
        OnnxExporter.Export(file, folded, options);
        var verification = new Flixstock.Cli.OnnxVerification(folded, options);
        verification.Run(file, threads: 1);
        Assert.That(verification.Passed, $"{verification.Difference:e2} of {verification.Tolerance:e2}");
    }

    // What the query of a class attends to: shares of the whole picture.
    [Test]
    public void AnAttentionHeadShowsWhatItAttendsTo()
    {
        using var backend = Backend.Cpu(1);
        using var network = (Tiny with { Decoder = new MlDecoderOptions(5, 16) }).Model(21).Create(backend);
        network.Initialize(3);
        using var folded = new FoldedNetwork(network, explains: true);
        using var cam = new GradCam(folded);
        var pixels = new byte[2 * 64 * 64 * 3];
        new Random(1).NextBytes(pixels);
        var maps = cam.Maps(pixels, 2, 64, 64, [0, 20]);
        foreach (var map in maps)
        {
            Assert.That((map.Height, map.Width), Is.EqualTo((2, 2)));
            Assert.That(map.Values.Sum(), Is.EqualTo(1).Within(1e-5));
        }
        // 21 classes of 5 queries are groups of 5.
        Assert.That(cam.Maps(pixels, 2, 64, 64, [4, 20])[0].Values, Is.EqualTo(maps[0].Values));
        Assert.That(cam.Maps(pixels, 2, 64, 64, [5, 20])[0].Values, Is.Not.EqualTo(maps[0].Values).Within(1e-7));
        Assert.That(() => cam.Maps(pixels, 2, 64, 64, [0, 21]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCaseSource(nameof(Heads))]
    public void ADescriptionIsReadAgain(TrainerOptions options)
    {
        var model = options.Model(21);
        Assert.That(NetworkCatalog.FromJson(NetworkCatalog.ToJson(model)).DifferencesFrom(model), Is.Empty);
        Assert.That(
            model.DifferencesFrom((Tiny with { Width = options.Width }).Model(21)).Count(), Is.EqualTo(1));
        Assert.That(TrainerOptions.FromJson(options.ToJson()).DifferencesTo(options), Is.Empty);
    }

    [Test]
    public void OtherNetworksAreDescribedAsBefore() => Assert.That(
        NetworkCatalog.ToJson(Tiny.Model(21)), Does.Not.Contain("decoder").And.Not.Contain("boost"));

    [TestCase(21, 100, 21)]
    [TestCase(21, 5, 5)]
    [TestCase(300, 100, 100)]
    [TestCase(300, 200, 200)]
    public void AnAttentionHeadIsKnownFromItsWeights(int classes, int queries, int used)
    {
        using var backend = Backend.Cpu(1);
        var options = TResNetOptions.Variant("tresnet_m", classes) with
        {
            Decoder = new MlDecoderOptions(queries, 8),
        };
        using var network = new TResNet(backend, options);
        network.Initialize(1);
        var state = network.ToStateDict();
        Assert.That(state["head.decoder.duplicate_pooling"].Shape[0], Is.EqualTo(used));
        var found = NetworkCatalog.Recognize(state)!;
        Assert.That((found.Name, found.Classes), Is.EqualTo(("tresnet_m", classes)));
        Assert.That(found.DifferencesFrom(options), Is.Empty);
    }

    private static IEnumerable<TestCaseData> Refusals()
    {
        static TestCaseData Case(TrainerOptions options, string message) =>
            new TestCaseData(options, message).SetArgDisplayNames(message);
        yield return Case(
            Tiny with { Decoder = new MlDecoderOptions(Width: 20) },
            "Decoder.Width 20: give a multiple of 8 from 8 to 65536");
        yield return Case(
            Tiny with { Decoder = new MlDecoderOptions(0) }, "Decoder.Queries 0: give a number from 1 to 100000");
        yield return Case(
            Tiny with { Decoder = new MlDecoderOptions(Dropout: 1) },
            "Decoder.Dropout 1: give a number from 0 to below 1");
        yield return Case(Tiny with { Boost = 0.5 }, "Boost 0.5: give a number from 1 to 1000");
        yield return Case(
            Tiny with { Boost = 2, Decoder = new MlDecoderOptions() },
            "a bottleneck head, an attention head and boosted scores: a network has one of the three at most");
    }

    [TestCaseSource(nameof(Refusals))]
    public void WhatCannotBeIsRefused(TrainerOptions options, string message) => Assert.That(
        options.Validate, Throws.TypeOf<InputException>().With.Message.EqualTo(message));

    private void Train(string name, TrainerOptions options, bool resume = false, int stopAfter = int.MaxValue) =>
        TinyTraining.Train(Path.Combine(_folder, name), _data, options, resume, stopAfter);

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(_folder, run, file));
}
