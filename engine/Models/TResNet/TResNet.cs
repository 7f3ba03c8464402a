namespace Flixstock.Engine;

/// <summary>
/// TResNet: space-to-depth, a 3x3 convolution, four stages of residual blocks, global average pool, a linear head.
/// Parameters carry the names and the order of published state dicts.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed partial class TResNet : IDisposable
{
    private const int SpaceToDepthBlock = 4;
    private readonly SpaceToDepth _spaceToDepth = new("body.space_to_depth", SpaceToDepthBlock);
    private readonly ConvolutionAbn _stem;
    private readonly ResidualBlock[] _blocks;
    private readonly GlobalAveragePool _pool = new("global_pool");
    private readonly Linear[] _head;
    private readonly Layer[] _layers;
    private readonly BatchNormalization[] _normalizations;
    private readonly Tensor[] _outputs; // of the blocks
    private readonly Tensor[] _vectors; // what each linear layer of the head gets
    private Tensor _rearranged, _stemOutput;
    private bool _disposed;

    /// <summary>Builds the network and its parameters, all zero: follow with <see cref="Initialize"/> or <see cref="Load"/>.</summary>
    /// <exception cref="InputException">No network has such options.</exception>
    public TResNet(Backend backend, TResNetOptions options)
    {
        options.Validate();
        Backend = backend;
        Options = options;
        var multiple = backend.Device.ChannelMultiple; // a divisor of the 48 channels that space-to-depth makes
        _stem = new ConvolutionAbn("body.conv1", SpaceToDepthBlock * SpaceToDepthBlock * 3, options.Planes, 3, 1, blur: false, options.Version2 ? 1e-6f : 1e-2f, multiple);
        _blocks = [.. Blocks(options, multiple)];
        _head = options.BottleneckHead is { } width
            ? [new Linear("head.fc.embedding_generator.0", options.Features, width, multiple), new Linear("head.fc.FC", width, options.Classes)]
            : [new Linear("head.fc", options.Features, options.Classes, multiple)];
        _outputs = new Tensor[_blocks.Length];
        _vectors = new Tensor[_head.Length];
        _layers = [_spaceToDepth, _stem.Convolution, _stem.Normalization, .. _blocks, _pool, .. _head];
        _normalizations = [.. _layers.SelectMany(Leaves).OfType<BatchNormalization>()];
        NetworkMemory.Require(options, backend.Device, [.. _layers.SelectMany(layer => layer.AllParameters)]);
        Buffer = new ParameterBuffer(backend.Device, [.. _layers.SelectMany(layer => layer.AllParameters)], backend.ActivationType);
    }

    /// <summary>Which network.</summary>
    public TResNetOptions Options { get; }

    /// <summary>The device and its kernels.</summary>
    public Backend Backend { get; }

    /// <summary>All parameters and their gradients.</summary>
    public ParameterBuffer Buffer { get; }

    /// <summary>From the input to the head, residual blocks as one layer each.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Frees the parameters.</summary>
    public void Dispose()
    {
        _disposed = true;
        Buffer.Dispose();
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(_disposed, this);

    /// <summary>Refuses a picture size that the network cannot take.</summary>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    /// <exception cref="InputException">Names the size and the nearest one that works.</exception>
#pragma warning disable CA1822 // a question to a network, even if all of the family answer alike
    public void RequireImageSize(int height, int width) => ImageSize.Require(height, width);
#pragma warning restore CA1822

    /// <summary>Scores before the sigmoid. Everything the backward pass needs stays in the arena until <see cref="Backward"/> or the arena's reset.</summary>
    /// <param name="pass">Kernels, memory, mode.</param>
    /// <param name="input">[N, H, W, 3], bytes or singles from 0 to 1.</param>
    /// <returns>[N, classes]</returns>
    public Tensor Forward(Pass pass, Tensor input)
    {
        RequireOpen();
        if (input.Shape.Rank != 4 || input.Shape.Channels != 3)
            throw new ShapeException(_spaceToDepth.Name, "input", input.Shape, "[N, H, W, 3]");
        RequireImageSize(input.Shape.Height, input.Shape.Width);
        _rearranged = pass.Forward(_spaceToDepth, input); // [N, H/4, W/4, 48]
        var current = _stemOutput = _stem.Forward(pass, _rearranged);
        for (var i = 0; i < _blocks.Length; i++)
            current = _outputs[i] = pass.Forward(_blocks[i], current);
        current = pass.Forward(_pool, current); // [N, features]
        for (var i = 0; i < _head.Length; i++)
        {
            _vectors[i] = current;
            current = pass.Forward(_head[i], current);
        }
        return current;
    }

    /// <summary>All gradients of the last forward pass; releases everything it kept except the logits, which are the caller's.</summary>
    /// <param name="pass">The pass of the forward.</param>
    /// <param name="logitsGradient">[N, classes], may be destroyed.</param>
    /// <param name="inputGradient">[N, H, W, 3], or <see cref="Tensor.None"/> where nobody needs it.</param>
    public void Backward(Pass pass, Tensor logitsGradient, Tensor inputGradient)
    {
        RequireOpen();
        var pooledGradient = BackwardHead(pass, logitsGradient);
        var gradient = pass.TakeActivation(_outputs[^1].Shape);
        pass.Backward(_pool, pooledGradient, gradient, accumulate: false);
        pass.Release(pooledGradient);
        for (var i = _blocks.Length - 1; i >= 0; i--)
        {
            var target = _blocks[i].ResidualIsInput ? gradient : pass.TakeActivation(i > 0 ? _outputs[i - 1].Shape : _stemOutput.Shape);
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

    /// <summary>The pooled vector's gradient.</summary>
    private Tensor BackwardHead(Pass pass, Tensor logitsGradient)
    {
        var gradient = logitsGradient;
        for (var i = _head.Length - 1; i >= 0; i--)
        {
            var target = pass.Take(_vectors[i].Shape);
            pass.Backward(_head[i], gradient, target, accumulate: false);
            pass.Release(_vectors[i]);
            if (i < _head.Length - 1)
                pass.Release(gradient);
            gradient = target;
        }
        return gradient;
    }

    // Both versions go without squeeze-excite in the last stage; version 1 has basic blocks in the first two.
    private static IEnumerable<ResidualBlock> Blocks(TResNetOptions options, int channelMultiple)
    {
        var slope = options.Version2 ? 1e-6f : 1e-3f;
        var channels = options.Planes;
        for (var stage = 0; stage < 4; stage++)
        {
            var planes = options.Planes << stage;
            var bottleneck = options.Version2 || stage >= 2;
            for (var i = 0; i < options.Layers[stage]; i++)
            {
                var name = $"body.layer{stage + 1}.{i}";
                var block = new BlockOptions(channels, planes, i == 0 && stage > 0 ? 2 : 1, stage < 3, slope) { ChannelMultiple = channelMultiple };
                yield return bottleneck ? new Bottleneck(name, block) : new BasicBlock(name, block);
                channels = bottleneck ? planes * Bottleneck.Expansion : planes;
            }
        }
    }

    private static IEnumerable<Layer> Leaves(Layer layer) => layer.Children.Count == 0 ? [layer] : layer.Children.SelectMany(Leaves);
}
