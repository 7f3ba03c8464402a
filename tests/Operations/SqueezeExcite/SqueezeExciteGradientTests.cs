using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass.</summary>
public sealed class SqueezeExciteGradientTests
{
    private static readonly LayerCase[] Cases =
    [
        new("7 channels", () => new SqueezeExcite("e", 7, 33), new Shape(2, 3, 3, 7)),
        new("one pixel", () => new SqueezeExcite("e", 31, 7), new Shape(1, 1, 1, 31)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);
}
