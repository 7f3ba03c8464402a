using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass.</summary>
public sealed class AbnGradientTests
{
    private static readonly LayerCase[] Cases =
    [
        new("leaky, 1 channel", () => new InplaceAbn("a", 1, 1e-2f), new Shape(1, 7, 1, 1)),
        new("leaky, 33 channels", () => new InplaceAbn("a", 33, 1e-3f), new Shape(2, 3, 2, 33)),
        new("identity, 31 channels", () => new IdentityAbn("a", 31), new Shape(1, 3, 3, 31)),
        new("identity, 7 channels", () => new IdentityAbn("a", 7), new Shape(3, 1, 7, 7)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);
}
