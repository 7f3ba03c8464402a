using Flixstock.Engine;

namespace Flixstock.Tests.Checking;

/// <summary>Every layer's backward pass against differences of its forward pass, over odd sizes and single pictures.</summary>
public class LayerGradientTests
{
    private static readonly Dictionary<string, (Func<Layer> Make, Shape Input)> Cases = new(StringComparer.Ordinal)
    {
        ["convolution 1x1, 33 to 31 channels"] = (() => new Convolution("c", 33, 31, 1), new Shape(1, 3, 5, 33)),
        ["convolution 3x3, 7 to 1 channels"] = (() => new Convolution("c", 7, 1, 3), new Shape(2, 7, 1, 7)),
        ["convolution 3x3, 31 to 33 channels"] = (() => new Convolution("c", 31, 33, 3), new Shape(1, 4, 3, 31)),
        ["convolution 3x3 stride 2, odd pixels"] = (() => new Convolution("c", 5, 7, 3, 2), new Shape(2, 7, 9, 5)),
        ["convolution 3x3 stride 2, 1 channel, 31 pixels"] = (() => new Convolution("c", 1, 3, 3, 2), new Shape(1, 31, 4, 1)),
        ["linear 33 to 7"] = (() => new Linear("l", 33, 7), new Shape(3, 33)),
        ["linear 1 to 31, one picture"] = (() => new Linear("l", 1, 31), new Shape(1, 1)),
        ["relu of vectors"] = (() => new Activation("a", ActivationKind.Relu), new Shape(3, 33)),
        ["sigmoid of pictures"] = (() => new Activation("a", ActivationKind.Sigmoid), new Shape(2, 3, 1, 7)),
        ["leaky ABN, 1 channel"] = (() => new InplaceAbn("a", 1, 1e-2f), new Shape(1, 7, 1, 1)),
        ["leaky ABN, 33 channels"] = (() => new InplaceAbn("a", 33, 1e-3f), new Shape(2, 3, 2, 33)),
        ["identity ABN, 31 channels"] = (() => new IdentityAbn("a", 31), new Shape(1, 3, 3, 31)),
        ["identity ABN, 7 channels"] = (() => new IdentityAbn("a", 7), new Shape(3, 1, 7, 7)),
        ["space to depth"] = (() => new SpaceToDepth("s", 4), new Shape(2, 8, 4, 3)),
        ["blur, smallest"] = (() => new BlurPool("b"), new Shape(1, 2, 2, 7)),
        ["blur, odd"] = (() => new BlurPool("b"), new Shape(2, 7, 3, 33)),
        ["average pool, odd"] = (() => new AveragePool("p"), new Shape(2, 7, 5, 31)),
        ["average pool, one pixel"] = (() => new AveragePool("p"), new Shape(1, 1, 1, 1)),
        ["global average pool"] = (() => new GlobalAveragePool("p"), new Shape(3, 7, 5, 33)),
        ["squeeze-excite, 7 channels"] = (() => new SqueezeExcite("e", 7, 33), new Shape(2, 3, 3, 7)),
        ["squeeze-excite, one pixel"] = (() => new SqueezeExcite("e", 31, 7), new Shape(1, 1, 1, 31)),
        ["basic block"] = (() => new BasicBlock("b", new BlockOptions(7, 7, 1, true, 1e-3f)), new Shape(2, 3, 2, 7)),
        ["basic block without squeeze-excite"] = (() => new BasicBlock("b", new BlockOptions(5, 5, 1, false, 1e-3f)), new Shape(1, 3, 3, 5)),
        ["basic block that halves"] = (() => new BasicBlock("b", new BlockOptions(5, 7, 2, true, 1e-3f)), new Shape(1, 5, 3, 5)),
        ["basic block that halves by stride"] = (() => new BasicBlock("b", new BlockOptions(5, 3, 2, true, 1e-3f, Blur: false)), new Shape(2, 3, 3, 5)),
        ["bottleneck"] = (() => new Bottleneck("b", new BlockOptions(12, 3, 1, true, 1e-3f)), new Shape(2, 2, 3, 12)),
        ["bottleneck without squeeze-excite"] = (() => new Bottleneck("b", new BlockOptions(7, 3, 1, false, 1e-3f)), new Shape(1, 3, 3, 7)),
        ["bottleneck that halves"] = (() => new Bottleneck("b", new BlockOptions(7, 3, 2, true, 1e-3f)), new Shape(1, 5, 3, 7)),
    };

    private static IEnumerable<string> Names => Cases.Keys;

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Names))] string name, [Values(true, false)] bool training, [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind)
    {
        var (make, input) = Cases[name];
        using var backend = Kinds.Open(kind);
        // A block is four layers and more in a row, each with the roundings of one.
        var options = make() is ResidualBlock
            ? new GradientCheckOptions { Training = training, EntriesPerTensor = 12, RoundoffFactor = 4 * new GradientCheckOptions().RoundoffFactor }
            : new GradientCheckOptions { Training = training };
        var report = GradientCheck.Run(backend, make(), input, options);
        TestContext.Out.WriteLine($"{report.Checked} checked, {report.Skipped} skipped, worst {report.Worst} ({report.Worst?.Excess:g2} of it)");
        Assert.That(report.Failures, Is.Empty);
    }
}
