using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>A folded head of attention computes what its layers do, and so does its ONNX file.</summary>
public sealed class AttentionStepsTests
{
    private const int Size = 16, Pictures = 3, Classes = 21;
    private const int Groups = Size / PixelBody.Block / 2 * (Size / PixelBody.Block / 2);

    private static IEnumerable<string> Backends => TestTensors.Backends.Concat(TestTensors.Gpus).Distinct();

    [Test]
    public void TheStepsAreTheLayers([ValueSource(nameof(Backends))] string kind, [Values] bool packed)
    {
        using var backend = TestTensors.Open(kind);
        using var network = Network(backend);
        var pixels = TestTensors.Random((long)Pictures * Size * Size * 3, 5);
        byte[] levels = [.. pixels.Select(value => (byte)Math.Clamp(127 + 60 * value, 0, 255))];
        using var arena = new DynamicArena(backend.Device);
        var pass = backend.NewPass(arena, training: false);
        var input = backend.Device.FromHost<byte>(levels, new Shape(Pictures, Size, Size, 3), ElementType.UInt8);
        var features = pass.Forward(network.Body.Layers[0], input);
        var expected = backend.Device.ToHost<float>(network.Head.Forward(pass, features));

        var builder = new FoldedBuilder(
            backend, (parameter, values) => backend.Device.CopyToHost(parameter.Value, values), onlyPacked: packed);
        network.Fold(builder, explains: false);
        using var plan = new FoldedPlan(backend, builder.Steps, input.Shape, input.Type);
        var actual = Array.Empty<float>();
        for (var run = 0; run < 3; run++) // the second and later runs replay
        {
            backend.Device.Copy(input, plan.Input);
            actual = backend.Device.ToHost<float>(plan.Run(backend));
        }
        TestTensors.AssertClose(
            actual, expected, 1e-5 * TestTensors.Largest(expected), $"{kind} packed={packed}");
        Assert.That(actual.Distinct().Count(), Is.GreaterThan(Pictures * Classes / 2), "scores differ");
    }

    [Test]
    public void ABatchDoesNotChangeAPicturesBits()
    {
        using var backend = Backend.Cpu(2);
        using var network = Network(backend);
        using var folded = new FoldedNetwork(network);
        var levels = new byte[Pictures * Size * Size * 3];
        new Random(4).NextBytes(levels);
        var (all, alone) = (new float[Pictures * Classes], new float[Classes]);
        folded.Run(levels, Pictures, Size, Size, all);
        for (var n = 0; n < Pictures; n++)
        {
            folded.Run(levels.AsSpan(n * Size * Size * 3, Size * Size * 3), 1, Size, Size, alone);
            Assert.That(alone, Same.As(all[(n * Classes)..((n + 1) * Classes)]), $"picture {n}");
        }
    }

    [Test]
    public void EveryOpsetGivesTheEnginesProbabilities(
        [Range(OnnxExportOptions.OldestOpset, OnnxExportOptions.NewestOpset)] int opset, [Values] bool half)
    {
        using var backend = Backend.Cpu(2);
        using var network = Network(backend);
        using var folded = new FoldedNetwork(network);
        using var folder = new TemporaryFolder();
        foreach (var batch in new[] { 0, 1, 5 })
        {
            var options = new OnnxExportOptions
            {
                Preparation = new(Size),
                Opset = opset,
                Half = half,
                Batch = Math.Max(1, batch),
                DynamicBatch = batch == 0,
                Input = OnnxInput.Bytes,
            };
            OnnxExporter.Export(folder["m.onnx"], folded, options);
            var verification = new Flixstock.Cli.OnnxVerification(folded, options);
            verification.Run(folder["m.onnx"], threads: 1);
            TestContext.Out.WriteLine($"{batch}: {verification.Difference:e2} of {verification.Tolerance:e2}");
            Assert.That(verification.Passed, Is.True, $"{options}: {verification.Difference}");
        }
    }

    [Test]
    public void TheSumOfTwoShapesIsRefused() => Assert.That(
        () => new AddStep("sum", 1, 2).OutputShape(new Shape(2, 3, 8), new Shape(2, 4, 8)),
        Throws.InstanceOf<ShapeException>().With.Message.Contains("'sum'"));

    private static HandMadeNetwork Network(Backend backend)
    {
        var head = new LookingHead(PixelBody.Channels, Groups, Classes);
        var network = new HandMadeNetwork(backend, Classes, new PixelBody(), head);
        var values = TestTensors.Random(network.Buffer.Values.Count, 3, deviation: 0.3f);
        backend.Device.CopyFromHost<float>(values, network.Buffer.Values);
        network.Buffer.RefreshCompute(backend.Kernels);
        return network;
    }
}
