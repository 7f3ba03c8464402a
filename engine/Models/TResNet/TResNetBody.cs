namespace Flixstock.Engine;

/// <summary>
/// Computes the features of the last stage from pictures: space-to-depth, a convolution, four stages of residual
/// blocks.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class TResNetBody : NetworkBody
{
    private const int SpaceToDepthBlock = 4, Stages = 4;
    private readonly SpaceToDepth _spaceToDepth = new("body.space_to_depth", SpaceToDepthBlock);
    private readonly ConvolutionAbn _stem;
    private readonly ResidualBlock[] _blocks;
    private readonly Layer[] _layers;
    private readonly Tensor[] _outputs; // of the blocks
    private Tensor _rearranged, _stemOutput;

    public TResNetBody(TResNetOptions options, int channelMultiple)
    {
        // 48 channels come out of space-to-depth, and every channel multiple divides them.
        _stem = new ConvolutionAbn(
            "body.conv1", SpaceToDepthBlock * SpaceToDepthBlock * 3, options.Planes, 3, 1, blur: false,
            options.Version2 ? 1e-6f : 1e-2f, channelMultiple);
        _blocks = [.. Blocks(options, channelMultiple)];
        _layers = [_spaceToDepth, _stem.Convolution, _stem.Normalization, .. _blocks];
        _outputs = new Tensor[_blocks.Length];
    }

    public override IReadOnlyList<Layer> Layers => _layers;

    // The last weight of each residual branch: a fresh block is the identity.
    public override IEnumerable<Parameter> ZeroInitialized => _blocks.Select(block => block.LastNormalization.Weight);

    public override Tensor Forward(Pass pass, Tensor input)
    {
        _rearranged = pass.Forward(_spaceToDepth, input); // [N, H/4, W/4, 48]
        var current = _stemOutput = _stem.Forward(pass, _rearranged);
        for (var i = 0; i < _blocks.Length; i++)
            current = _outputs[i] = pass.Forward(_blocks[i], current);
        return current;
    }

    public override void Backward(Pass pass, Tensor featuresGradient, Tensor inputGradient)
    {
        var gradient = featuresGradient;
        for (var i = _blocks.Length - 1; i >= 0; i--)
        {
            var shape = i > 0 ? _outputs[i - 1].Shape : _stemOutput.Shape;
            var target = _blocks[i].ResidualIsInput ? gradient : pass.TakeActivation(shape);
            pass.Backward(_blocks[i], gradient, target, accumulate: false);
            pass.Release(_outputs[i]);
            if (!target.SharesMemory(gradient))
                pass.Release(gradient);
            gradient = target;
        }
        var rearrangedGradient = inputGradient.Exists ? pass.TakeActivation(_rearranged.Shape) : Tensor.None;
        _stem.Backward(pass, gradient, rearrangedGradient, accumulate: false);
        pass.Backward(_spaceToDepth, rearrangedGradient, inputGradient, accumulate: false);
        if (rearrangedGradient.Exists)
            pass.Release(rearrangedGradient);
        pass.Release(_rearranged);
    }

    public override int Fold(FoldedBuilder builder, int input)
    {
        var value = builder.Add(new SpaceToDepthStep(_spaceToDepth.Name, input, SpaceToDepthBlock));
        value = _stem.Fold(builder, value);
        foreach (var block in _blocks)
            value = block.Fold(builder, value);
        return value;
    }

    // Both versions go without squeeze-excite in the last stage; version 1 has basic blocks in the first two.
    private static IEnumerable<ResidualBlock> Blocks(TResNetOptions options, int channelMultiple)
    {
        var slope = options.Version2 ? 1e-6f : 1e-3f;
        var channels = options.Planes;
        for (var stage = 0; stage < Stages; stage++)
        {
            var planes = options.Planes << stage;
            var bottleneck = options.Version2 || stage >= 2;
            for (var i = 0; i < options.Layers[stage]; i++)
            {
                var name = $"body.layer{stage + 1}.{i}";
                var block = new BlockOptions(channels, planes, i == 0 && stage > 0 ? 2 : 1, stage < 3, slope)
                {
                    ChannelMultiple = channelMultiple,
                };
                yield return bottleneck ? new Bottleneck(name, block) : new BasicBlock(name, block);
                channels = bottleneck ? planes * Bottleneck.Expansion : planes;
            }
        }
    }
}
