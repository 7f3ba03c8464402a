using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Models;

/// <summary>The blocks' backward passes against differences of the forward pass.</summary>
public sealed class BlockGradientTests
{
    private const float Slope = 1e-3f;

    // A block is four layers and more in a row, each with the roundings of one.
    private static readonly GradientCheckOptions Options = new()
    {
        EntriesPerTensor = 12,
        RoundoffFactor = 4 * new GradientCheckOptions().RoundoffFactor,
    };

    private static readonly LayerCase[] Cases =
    [
        Basic("basic block", new BlockOptions(7, 7, 1, true, Slope), new Shape(2, 3, 2, 7)),
        Basic("basic block without squeeze-excite", new BlockOptions(5, 5, 1, false, Slope), new Shape(1, 3, 3, 5)),
        Basic("basic block that halves", new BlockOptions(5, 7, 2, true, Slope), new Shape(1, 5, 3, 5)),
        Basic(
            "basic block that halves by stride",
            new BlockOptions(5, 3, 2, true, Slope, Blur: false),
            new Shape(2, 3, 3, 5)),
        Deep("bottleneck", new BlockOptions(12, 3, 1, true, Slope), new Shape(2, 2, 3, 12)),
        Deep("bottleneck without squeeze-excite", new BlockOptions(7, 3, 1, false, Slope), new Shape(1, 3, 3, 7)),
        Deep("bottleneck that halves", new BlockOptions(7, 3, 2, true, Slope), new Shape(1, 5, 3, 7)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind, Options);

    private static LayerCase Basic(string name, BlockOptions options, Shape input) =>
        new(name, () => new BasicBlock("b", options), input);

    private static LayerCase Deep(string name, BlockOptions options, Shape input) =>
        new(name, () => new Bottleneck("b", options), input);
}
