using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass, and what the forward pass computes.</summary>
public sealed class LayerNormGradientTests
{
    private static readonly LayerCase[] Cases =
    [
        new("vectors", () => new LayerNorm("n", 13), new Shape(5, 13)),
        new("queries of two pictures", () => new LayerNorm("n", 32), new Shape(2, 3, 32)),
        new("one vector, 67 rows", () => new LayerNorm("n", 4), new Shape(67, 1, 4)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);

    [TestCaseSource(typeof(Kinds), nameof(Kinds.All))]
    public void RowsHaveMeanAndDeviationOfBiasAndWeight(string kind)
    {
        using var backend = Kinds.Open(kind);
        var device = backend.Device;
        var (width, shape) = (200, new Shape(3, 200));
        var x = device.FromHost<float>(TestTensors.Random(shape.Count, 3, deviation: 4, mean: 100), shape);
        var weight = device.FromHost<float>([.. Enumerable.Repeat(2f, width)], new Shape(width));
        var bias = device.FromHost<float>([.. Enumerable.Repeat(-1f, width)], new Shape(width));
        var y = device.Allocate(shape);
        backend.Kernels.LayerNormForward(x, weight, bias, 1e-5f, Tensor.None, y);
        foreach (var row in device.ToHost<float>(y).Chunk(width))
        {
            Assert.That(row.Average(), Is.EqualTo(-1).Within(1e-4));
            Assert.That(row.Average(value => (value + 1) * (value + 1)), Is.EqualTo(4).Within(1e-3));
        }
    }

    [Test]
    public void OnlyVectorsOfItsWidthFit()
    {
        var layer = new LayerNorm("norm1", 8);
        Assert.That(
            () => layer.OutputShape(new Shape(2, 3, 7)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("'norm1'").And.Message.Contains("[N, L, 8]"));
    }
}
