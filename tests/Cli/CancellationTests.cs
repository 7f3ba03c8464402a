using Flixstock.Cli;
using Flixstock.Engine;
using Flixstock.Tests.Data;

namespace Flixstock.Tests.Cli;

/// <summary>
/// Ctrl-C ends every command with 130 and the line "stopped", whatever it is doing, and leaves no half of a result.
/// </summary>
public sealed class CancellationTests
{
    private static readonly CancellationToken Stopped = new(canceled: true);

    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void Prepare()
    {
        _folder = new TemporaryFolder();
        SmallDatasets.Csv(_folder);
        using var backend = Backend.Cpu(1);
        using var network = new TResNet(
            backend, new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.0625, Classes = 3 });
        network.Initialize(1);
        new Checkpoint
        {
            State = network.ToStateDict(),
            Model = network.Options,
            Attributes = AttributeTable.OfClasses(SmallDatasets.Classes),
            Preparation = new(32),
        }.Save(_folder["model.safetensors"]);
        using var file = WeightsFile.Read(_folder["model.safetensors"]);
        file.Write(_folder["model.pth"]);
        _folder.Write(
            "grid.json",
            """{ "seeds": [1], "simulations": ["none"], "train": { "epochs": 1 }, "methods": [{ "name": "One" }] }""");
    }

    [OneTimeTearDown]
    public void Clean() => _folder.Dispose();

    [TestCase("data show --data DATA")]
    [TestCase("data check --data DATA")]
    [TestCase("data pack --data DATA --out NEW")]
    [TestCase("data simulate --data DATA --type rps --param 0.5 --out NEW")]
    [TestCase("synth --out NEW --count 30 --size 32")]
    [TestCase("train --data DATA --out NEW --layers 1,1,1,1 --width 0.0625 --image-size 32 --epochs 1 --device cpu")]
    [TestCase("train --data DATA --out NEW --layers 1,1,1,1 --width 0.0625 --image-size 32 --epochs 1 --device "
        + "cpu --two-stage")]
    [TestCase("validate --data DATA --weights DATA/model.safetensors --device cpu --out NEW")]
    [TestCase("thresholds --data DATA --weights DATA/model.safetensors --device cpu --out NEW/new.safetensors")]
    [TestCase("review --data DATA --weights DATA/model.safetensors --device cpu --out NEW")]
    [TestCase("prior --data DATA --weights DATA/model.safetensors --device cpu --out NEW/prior.csv")]
    [TestCase("infer --weights DATA/model.safetensors --device cpu DATA/images")]
    [TestCase("infer --weights DATA/model.safetensors --device cpu --all-val --data DATA --out NEW")]
    [TestCase("export --weights DATA/model.safetensors --out NEW/model.onnx --verify")]
    [TestCase("weights show DATA/model.safetensors")]
    [TestCase("weights show DATA/model.pth")]
    [TestCase("weights convert DATA/model.pth NEW/model.safetensors")]
    [TestCase("weights diff DATA/model.pth DATA/model.safetensors")]
    [TestCase("experiment DATA/grid.json --data DATA --out NEW --device cpu")]
    [TestCase("profile --layers 1,1,1,1 --width 0.0625 --batch-size 2 --image-size 32 --device cpu")]
    [TestCase("profile --layers 1,1,1,1 --width 0.0625 --batch-size 2 --image-size 32 --device cpu --check")]
    [TestCase("doctor")]
    public void A_command_stops_with_130(string line)
    {
        var made = _folder["new"];
        string[] arguments = [.. line.Split(' ').Select(word => word
            .Replace("DATA", _folder.Path, StringComparison.Ordinal).Replace("NEW", made, StringComparison.Ordinal))];
        try
        {
            using var output = new StringWriter();
            using var error = new StringWriter();
            Assert.That(CommandLine.Run(arguments, output, error, Stopped), Is.EqualTo(130), error.ToString());
            Assert.That(
                error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].TrimEnd(),
                Does.StartWith("stopped"));
            var left = Directory.Exists(made) ? Directory.GetFiles(made, "*", SearchOption.AllDirectories) : [];
            Assert.That(left.Select(Path.GetFileName), Has.None.EndsWith(".part").And.None.EndsWith(".unverified").And
                .None.EndsWith(".tar").And.None.EndsWith(".onnx"));
        }
        finally
        {
            if (Directory.Exists(made))
                Directory.Delete(made, recursive: true);
        }
    }

    [Test]
    public void Inference_stops_between_layers_and_a_batch_is_not_waited_for()
    {
        using var backend = Backend.Cpu(1);
        using var checkpoint = Checkpoint.Load(_folder["model.safetensors"]);
        using var network = checkpoint.CreateNetwork(backend);
        using var folded = new FoldedNetwork(network);
        var (pixels, logits) = (new byte[32 * 32 * 3], new float[3]);
        Assert.That(
            () => folded.Run(pixels, 1, 32, 32, logits, Stopped), Throws.InstanceOf<OperationCanceledException>());
        folded.Run(pixels, 1, 32, 32, logits);
        Assert.That(logits, Has.All.Not.NaN, "it can be used again");
        var data = new DatasetSource(_folder.Path).Load("val");
        using var loader = new BatchLoader(
            data.Samples, 3, new BatchLoaderOptions { Preparation = new(32), Workers = 1 });
        loader.StartEpoch(0);
        Assert.That(() => loader.TryNext(out _, Stopped), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(loader.TryNext(out _), Is.True, "the batch is not lost");
    }

    [Test]
    public void Fitting_measuring_and_reviewing_stop_in_the_middle()
    {
        var table = AttributeTable.OfClasses(SmallDatasets.Classes);
        var (scores, labels) = (new float[] { 0.1f, 0.9f, 0.4f, 0.8f, 0.2f, 0.6f }, new sbyte[] { 1, 0, 1, 0, 1, 0 });
        Assert.That(
            () => CalibrationFit.Fit(scores, labels, table, HeadKind.Sigmoid, cancellation: Stopped),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            () => Evaluator.Evaluate(scores, labels, table, new EvaluationOptions { Cancellation = Stopped }),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => ClassEvaluation.Compute(
            scores, labels, SmallDatasets.Classes, ThresholdMetrics.Compute(scores, labels, 3, 0.5f), new double[3],
            new EvaluationOptions { Cancellation = Stopped }), Throws.InstanceOf<OperationCanceledException>());
        using var stop = new CancellationTokenSource();
        var drawn = 0;
        void Draw(int[] weights, double[] values)
        {
            if (Interlocked.Increment(ref drawn) == 3)
                stop.Cancel();
        }
        Assert.That(
            () => Bootstrap.Intervals(2, 100_000, 1, [0.5], Draw, stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(drawn, Is.LessThan(100_000));
        var data = new DatasetSource(_folder.Path).Load("val");
        Assert.That(
            () => LabelReview.Find(new float[12], data, 0.9f, Stopped),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Weights_stop_between_records_and_leave_what_was_there()
    {
        var bytes = File.ReadAllBytes(_folder["model.pth"]);
        Assert.That(
            () => WeightsFile.Parse(bytes, "model.pth", cancellation: Stopped),
            Throws.InstanceOf<OperationCanceledException>());
        using var file = WeightsFile.Read(_folder["model.safetensors"]);
        foreach (var name in new[] { "old.safetensors", "old.pth" })
        {
            _folder.Write(name, "what was there");
            Assert.That(() => file.Write(_folder[name], Stopped), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(File.ReadAllText(_folder[name]), Is.EqualTo("what was there"));
            File.Delete(_folder[name]);
        }
    }

    [Test]
    public void A_step_that_is_only_looked_at_stops_between_layers_and_a_batch_size_between_two_sizes()
    {
        using var backend = Backend.Cpu(1);
        using var stop = new CancellationTokenSource();
        var layers = new Layers(stop);
        var model = new TResNetOptions { Name = "tiny", Layers = [1, 1, 1, 1], Width = 0.0625, Classes = 3 };
        Assert.That(
            () => StepCheck.Compare(
                backend, Backend.Reference(), model, 2, 32, training: true,
                ranges: new CancellationRanges(layers, stop.Token)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(layers.Seen, Is.EqualTo(5));
        Assert.That(
            () => LargestBatch.Find(
                backend, new TrainerOptions { Layers = [1, 1, 1, 1], Width = 0.0625, ImageSize = 32 }, 8,
                AttributeTable.OfClasses(["a", "b", "c"]), Stopped),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class Layers(CancellationTokenSource stop) : IRangeObserver
    {
        public int Seen { get; private set; }

        public void Push(string name)
        {
            if (++Seen == 5)
                stop.Cancel();
        }

        public void Pop()
        {
        }
    }
}
