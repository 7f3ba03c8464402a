using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass.</summary>
public sealed class LinearGradientTests
{
    private static readonly LayerCase[] Cases =
    [
        new("33 to 7", () => new Linear("l", 33, 7), new Shape(3, 33)),
        new("1 to 31, one picture", () => new Linear("l", 1, 31), new Shape(1, 1)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);
}
