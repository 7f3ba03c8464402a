namespace Flixstock.Engine;

/// <summary>
/// Mean over all pixels, then one linear layer, or two: the "bottleneck head" for many classes, with no activation
/// between them, as published for TResNet.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class LinearHead : NetworkHead
{
    private readonly GlobalAveragePool _pool;
    private readonly Linear[] _linears;
    private readonly Layer[] _layers;
    private readonly Tensor[] _vectors; // what each linear layer gets
    private Shape _features;

    /// <summary>A head.</summary>
    /// <param name="name">Prefix of its parameters' names: <c>name.fc.weight</c>.</param>
    /// <param name="features">Number of channels of the body's features.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="bottleneck">
    /// Values between two linear layers, <c>name.fc.embedding_generator.0</c> and <c>name.fc.FC</c>; null: one linear
    /// layer, <c>name.fc</c>.
    /// </param>
    /// <param name="channelMultiple">The device's channel multiple, to which C is padded.</param>
    public LinearHead(string name, int features, int classes, int? bottleneck = null, int channelMultiple = 1)
        : base(name)
    {
        _pool = new GlobalAveragePool("global_pool");
        _linears = bottleneck is { } width
            ? [new Linear($"{name}.fc.embedding_generator.0", features, width, channelMultiple), new Linear(
                $"{name}.fc.FC", width, classes)]
            : [new Linear($"{name}.fc", features, classes, channelMultiple)];
        _layers = [_pool, .. _linears];
        _vectors = new Tensor[_linears.Length];
    }

    /// <inheritdoc />
    public override IReadOnlyList<Layer> Layers => _layers;

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor features)
    {
        _features = features.Shape;
        var current = pass.Forward(_pool, features); // [N, C]
        for (var i = 0; i < _linears.Length; i++)
        {
            _vectors[i] = current;
            current = pass.Forward(_linears[i], current);
        }
        return current;
    }

    /// <inheritdoc />
    public override Tensor Backward(Pass pass, Tensor logitsGradient)
    {
        var gradient = logitsGradient;
        for (var i = _linears.Length - 1; i >= 0; i--)
        {
            var target = pass.Take(_vectors[i].Shape);
            pass.Backward(_linears[i], gradient, target, accumulate: false);
            pass.Release(_vectors[i]);
            if (i < _linears.Length - 1)
                pass.Release(gradient);
            gradient = target;
        }
        var featuresGradient = pass.TakeActivation(_features);
        pass.Backward(_pool, gradient, featuresGradient, accumulate: false);
        pass.Release(gradient);
        return featuresGradient;
    }

    /// <inheritdoc />
    public override int Fold(FoldedBuilder builder, int features)
    {
        var value = builder.Add(new GlobalAveragePoolStep(_pool.Name, features));
        foreach (var linear in _linears)
            value = builder.Linear(linear, value);
        return value;
    }

    // Of one linear layer everything in the head depends on the classes.
    /// <inheritdoc />
    public override bool IsClassifier(string parameter) => _linears.Length == 1
        ? Contains(parameter)
        : parameter.StartsWith(_linears[^1].Name + ".", StringComparison.Ordinal);
}
