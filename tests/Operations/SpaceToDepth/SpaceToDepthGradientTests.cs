using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass.</summary>
public sealed class SpaceToDepthGradientTests
{
    private static readonly LayerCase[] Cases =
    [
        new("space to depth", () => new SpaceToDepth("s", 4), new Shape(2, 8, 4, 3)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);
}
