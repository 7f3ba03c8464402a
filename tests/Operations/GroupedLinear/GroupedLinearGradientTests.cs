using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass.</summary>
public sealed class GroupedLinearGradientTests
{
    private static readonly LayerCase[] Cases =
    [
        new("4 groups, the last one cut", () => new GroupedLinear("g", 4, 13, 11), new Shape(3, 4, 13)),
        new("5 groups, two of which have no class", () => new GroupedLinear("g", 5, 8, 6), new Shape(2, 5, 8)),
        new("one class a group, one picture", () => new GroupedLinear("g", 7, 3, 7), new Shape(1, 7, 3)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);
}
