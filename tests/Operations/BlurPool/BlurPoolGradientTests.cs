using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass.</summary>
public sealed class BlurPoolGradientTests
{
    private static readonly LayerCase[] Cases =
    [
        new("smallest", () => new BlurPool("b"), new Shape(1, 2, 2, 7)),
        new("odd", () => new BlurPool("b"), new Shape(2, 7, 3, 33)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);
}
