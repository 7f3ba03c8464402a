using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>What the layer takes, and its weight of three axes in files.</summary>
public sealed class GroupedLinearTests
{
    [TestCase(3, 13)]
    [TestCase(4, 12)]
    public void OnlyItsOwnVectorsFit(int groups, int width)
    {
        var layer = new GroupedLinear("head", 4, 13, 11);
        Assert.That(
            () => layer.OutputShape(new Shape(2, groups, width)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("'head'").And.Message.Contains("[N, 4, 13]"));
        Assert.That(layer.OutputShape(new Shape(2, 4, 13)), Is.EqualTo(new Shape(2, 11)));
    }

    [TestCase(0, 1, 1)]
    [TestCase(1, 0, 1)]
    [TestCase(1, 1, 0)]
    public void SizesBelowOneAreRefused(int groups, int width, int classes) =>
        Assert.That(() => new GroupedLinear("head", groups, width, classes), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void TheWeightIsWrittenAndReadWithItsThreeExtents()
    {
        using var backend = Backend.Cpu(1);
        var layer = new GroupedLinear("head.decoder", 4, 5, 11);
        using var buffer = new ParameterBuffer(backend.Device, [.. layer.AllParameters]);
        float[] values = [.. Enumerable.Range(0, 4 * 5 * 3).Select(i => (float)i)];
        backend.Device.CopyFromHost<float>(values, layer.Weight.Value);
        using var folder = new TemporaryFolder();
        var state = new StateDict();
        foreach (var parameter in layer.AllParameters)
            state.Add(PublishedLayout.ToPublished(backend.Device, parameter, parameter.Value));
        SafetensorsFile.Write(folder["head.safetensors"], state);

        var read = SafetensorsFile.Read(folder["head.safetensors"]);
        Assert.That(
            read.Select(tensor => $"{tensor.Name} {string.Join(' ', tensor.Shape)}"),
            Is.EquivalentTo(new[]
            {
                "head.decoder.duplicate_pooling 4 5 3", "head.decoder.duplicate_pooling_bias 11",
            }));
        var weight = read[layer.Weight.Name];
        Assert.That(weight.ToFloats(), Same.As(values));
        var back = new float[values.Length];
        PublishedLayout.FromPublished(weight, layer.Weight, back);
        Assert.That(back, Same.As(values));
    }
}
