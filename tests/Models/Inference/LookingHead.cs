using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>
/// A head of attention: the means of 2x2 pixels look at all pixels, and each decides about some of the classes.
/// </summary>
/// <param name="features">Channels of the features.</param>
/// <param name="groups">Number of the means, a quarter of the pixels.</param>
/// <param name="classes">Number of classes.</param>
internal sealed class LookingHead(int features, int groups, int classes) : NetworkHead("head")
{
    public const int Width = 24, AttentionHeads = 3;

    private readonly AveragePool _pool = new("head.pool");
    private readonly Linear _embed = new("head.embed", features, Width), _see = new("head.see", features, Width);
    private readonly Activation _relu = new("head.relu", ActivationKind.Relu);
    private readonly MultiHeadAttention _attention = new("head.attention", Width, AttentionHeads);
    private readonly Activation _gate = new("head.gate", ActivationKind.Sigmoid);
    private readonly GroupedLinear _classifier = new("head", groups, Width, classes);

    public override IReadOnlyList<Layer> Layers => [_pool, _embed, _see, _relu, _attention, _gate, _classifier];

    public override Tensor Forward(Pass pass, Tensor features)
    {
        var target = Rows(pass, _see, pass.Forward(_pool, features));
        var memory = Rows(pass, _embed, features);
        var sum = _attention.Forward(pass, target, memory);
        pass.Kernels.Add(target, sum);
        return pass.Forward(_classifier, pass.Forward(_gate, sum));
    }

    public override Tensor Backward(Pass pass, Tensor logitsGradient) => throw new NotSupportedException();

    public override int Fold(FoldedBuilder builder, int features)
    {
        var pooled = builder.Add(new AveragePoolStep("head.pool", features));
        var target = builder.Linear(
            _see, builder.Add(new PixelRowsStep("head.pool.rows", pooled)), ActivationKind.Relu);
        var memory = builder.Linear(
            _embed, builder.Add(new PixelRowsStep("head.rows", features)), ActivationKind.Relu);
        var sum = builder.Add(new AddStep("head.sum", target, builder.Attention(_attention, target, memory)));
        return builder.GroupedLinear(
            _classifier, builder.Add(new ActivationStep("head.gate", sum, ActivationKind.Sigmoid)));
    }

    public override bool IsClassifier(string parameter) => Contains(parameter);

    private Tensor Rows(Pass pass, Linear linear, Tensor picture)
    {
        var shape = picture.Shape;
        var singles = pass.Take(shape);
        pass.Kernels.Copy(picture, singles);
        var rows = pass.Forward(linear, singles.Reshape(new Shape((int)shape.Pixels, shape.Channels)));
        return pass.Forward(_relu, rows).Reshape(new Shape(shape.Batch, shape.PixelsPerPicture, Width));
    }
}
