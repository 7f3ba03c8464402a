using Flixstock.Engine;

namespace Flixstock.Tests;

public class SmokeTests
{
    [Test]
    public void GoldenLayersCanBeRead() => Assert.That(Golden.Tensors("model/layers.safetensors"), Has.Count.EqualTo(458));

    [Test]
    public void ShapesPrintTheirExtents() => Assert.That(new Shape(8, 56, 56, 64).ToString(), Is.EqualTo("[8, 56, 56, 64]"));
}
