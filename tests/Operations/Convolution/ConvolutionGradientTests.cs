using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>The backward pass against differences of the forward pass.</summary>
public sealed class ConvolutionGradientTests
{
    private static readonly LayerCase[] Cases =
    [
        new("1x1, 33 to 31 channels", () => new Convolution("c", 33, 31, 1), new Shape(1, 3, 5, 33)),
        new("3x3, 7 to 1 channels", () => new Convolution("c", 7, 1, 3), new Shape(2, 7, 1, 7)),
        new("3x3, 31 to 33 channels", () => new Convolution("c", 31, 33, 3), new Shape(1, 4, 3, 31)),
        new("3x3 stride 2, odd pixels", () => new Convolution("c", 5, 7, 3, 2), new Shape(2, 7, 9, 5)),
        new("3x3 stride 2, 1 channel, 31 pixels", () => new Convolution("c", 1, 3, 3, 2), new Shape(1, 31, 4, 1)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);
}
