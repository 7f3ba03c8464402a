using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>The residual blocks against numbers of the reference implementation (golden/model/blocks).</summary>
public class BlockGoldenTests
{
    private static readonly string[] Blocks =
    [
        "basic_s1_se", "basic_s1_nose", "basic_s2_se", "basic_s2_nose", "basic_s2_se_noaa",
        "bottleneck_s1_se", "bottleneck_s1_nose", "bottleneck_s2_se", "bottleneck_s2_nose", "bottleneck_s1_se_nodown",
    ];

    private static readonly Lazy<StateDict> File = new(() => Golden.Tensors("model/blocks.safetensors"));

    [Test]
    public void ABlockAgreesWithTheReference(
        [ValueSource(nameof(Blocks))] string name, [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind)
    {
        using var backend = Kinds.Open(kind);
        var block = Build(name);
        using var buffer = new ParameterBuffer(backend.Device, [.. block.AllParameters]);
        LoadState(backend.Device, buffer, name);
        using var arena = new DynamicArena(backend.Device);
        var input = TestTensors.ToNhwc(File.Value[name + ".x"], backend.Device);
        var problems = new List<string?>();
        void Check(string tensor, float[] actual) =>
            problems.Add(Numbers.Compare(
                $"{name}.{tensor}", actual, File.Value[$"{name}.{tensor}"].ToFloats(),
                Numbers.Tolerance("blocks", $"{name}/{tensor}")));

        Check(
            "eval.y",
            TestTensors.ToNchw(block.Forward(backend.NewPass(arena, training: false), input), backend.Device));
        arena.Reset();
        var pass = backend.NewPass(arena, training: true);
        Check("train.y", TestTensors.ToNchw(block.Forward(pass, input), backend.Device));
        var gradient = TestTensors.ToNhwc(File.Value[name + ".dy"], backend.Device);
        var inputGradient = block.ResidualIsInput ? gradient : pass.Take(input.Shape);
        block.Backward(pass, gradient, inputGradient, accumulate: false);
        Check("train.dx", TestTensors.ToNchw(inputGradient, backend.Device));
        foreach (var parameter in buffer.Parameters)
        {
            var trained = parameter.Kind != ParameterKind.RunningStatistic;
            var value = backend.Device.ToHost<float>(trained ? parameter.Gradient : parameter.Value);
            Check(
                (trained ? "grad." : "after.") + parameter.Name[1..],
                PublishedLayout.ToPublished(parameter, value).ToFloats());
        }
        foreach (var normalization in block.Children.OfType<BatchNormalization>())
        {
            var after = File.Value[$"{name}.after.{normalization.Name[1..]}.num_batches_tracked"].ToIntegers()[0];
            var before = File.Value[$"{name}.state.{normalization.Name[1..]}.num_batches_tracked"].ToIntegers()[0];
            Assert.That(normalization.BatchesTracked, Is.EqualTo(after - before));
        }
        Assert.That(problems.OfType<string>(), Is.Empty);
    }

    // The block's own names follow its prefix and a dot.
    private static ResidualBlock Build(string name)
    {
        var basic = name.StartsWith("basic", StringComparison.Ordinal);
        var stride = name.Contains("_s2", StringComparison.Ordinal) ? 2 : 1;
        var inputs = File.Value[name + ".x"].Shape[1];
        var outputs = File.Value[name + ".dy"].Shape[1];
        var squeezeExcite = name.Contains("_se", StringComparison.Ordinal);
        var options = new BlockOptions(
            inputs, basic ? outputs : outputs / 4, stride, squeezeExcite, 1e-3f,
            !name.EndsWith("noaa", StringComparison.Ordinal));
        return basic ? new BasicBlock("", options) : new Bottleneck("", options);
    }

    private static void LoadState(Device device, ParameterBuffer buffer, string name)
    {
        foreach (var parameter in buffer.Parameters)
        {
            var published = File.Value[$"{name}.state.{parameter.Name[1..]}"];
            Assert.That(published.Shape, Is.EqualTo(PublishedLayout.ShapeOf(parameter)), parameter.Name);
            var values = new float[parameter.Shape.Count];
            PublishedLayout.FromPublished(published, parameter, values);
            device.CopyFromHost<float>(values, parameter.Value);
        }
    }
}
