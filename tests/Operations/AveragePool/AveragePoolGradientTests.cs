using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass.</summary>
public sealed class AveragePoolGradientTests
{
    private static readonly LayerCase[] Cases =
    [
        new("odd", () => new AveragePool("p"), new Shape(2, 7, 5, 31)),
        new("one pixel", () => new AveragePool("p"), new Shape(1, 1, 1, 1)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);
}
