using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass.</summary>
public sealed class ActivationGradientTests
{
    private static IEnumerable<LayerCase> Cases() => Enum.GetValues<ActivationKind>().SelectMany(kind => new LayerCase[]
    {
        new($"{kind} of vectors", () => new Activation("a", kind), new Shape(3, 33)),
        new($"{kind} of pictures", () => new Activation("a", kind), new Shape(2, 3, 1, 7)),
    });

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);
}
