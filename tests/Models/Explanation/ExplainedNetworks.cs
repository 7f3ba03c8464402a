using Flixstock.Engine;
using Flixstock.Samples.CustomNetwork;

namespace Flixstock.Tests.Models;

/// <summary>A network made by hand, of a body and a head that are folded only.</summary>
internal sealed class HandMadeNetwork(Backend backend, int classes, NetworkBody body, NetworkHead head)
    : Network(backend, new SkipDescription(classes), body, head);

/// <summary>Features that are the pixels themselves: 4 x 4 of them are a cell's 48 channels.</summary>
internal sealed class PixelBody : NetworkBody
{
    public const int Block = 4, Channels = Block * Block * 3;

    public override IReadOnlyList<Layer> Layers { get; } = [new SpaceToDepth("body.pixels", Block)];

    public override Tensor Forward(Pass pass, Tensor input) => throw new NotSupportedException();

    public override void Backward(Pass pass, Tensor featuresGradient, Tensor inputGradient) =>
        throw new NotSupportedException();

    public override int Fold(FoldedBuilder builder, int input) =>
        builder.Add(new SpaceToDepthStep("body.pixels", input, Block));
}

/// <summary>A head whose gradient depends on the features: there is a sigmoid between two linear layers.</summary>
internal sealed class BentHead(int features, int classes, FoldedStep? odd = null) : NetworkHead("head")
{
    private readonly Linear _first = new("head.first", features, 7);
    private readonly Linear _last = new("head.last", 7, classes);

    public override IReadOnlyList<Layer> Layers => [_first, _last];

    public override Tensor Forward(Pass pass, Tensor features) => throw new NotSupportedException();

    public override Tensor Backward(Pass pass, Tensor logitsGradient) => throw new NotSupportedException();

    public override int Fold(FoldedBuilder builder, int features)
    {
        var pooled = builder.Add(new GlobalAveragePoolStep("head.pool", features));
        var bent = builder.Linear(_first, pooled, ActivationKind.Sigmoid);
        if (odd is not null)
            builder.Add(odd);
        return builder.Linear(_last, bent);
    }

    public override bool IsClassifier(string parameter) => Contains(parameter);
}
