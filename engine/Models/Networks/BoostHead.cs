namespace Flixstock.Engine;

/// <summary>
/// The linear layer before the pooling: every pixel gets scores, those above 0 are multiplied by a factor, and a class'
/// score is the mean over the pixels (BoostLU, Kim et al., 2023). Parameters are those of a <see cref="LinearHead"/>
/// with one layer; with a factor of 1 its scores are the same. It computes in single precision.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class BoostHead : NetworkHead
{
    private readonly Linear _linear;
    private readonly GlobalAveragePool _pool = new("global_pool");
    private readonly Layer[] _layers;
    private readonly float _factor;
    private Tensor _pixels, _scores;
    private Shape _features;

    /// <summary>A head.</summary>
    /// <param name="name">Prefix of its parameters' names: <c>name.fc.weight</c>.</param>
    /// <param name="features">Number of channels of the body's features.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="factor">Of positive scores, at least 1; the paper has 5.</param>
    /// <param name="channelMultiple">The device's channel multiple, to which C is padded.</param>
    public BoostHead(string name, int features, int classes, double factor, int channelMultiple = 1)
        : base(name)
    {
        _linear = new Linear($"{name}.fc", features, classes, channelMultiple);
        _factor = (float)factor;
        _layers = [_linear, _pool];
    }

    /// <inheritdoc />
    public override IReadOnlyList<Layer> Layers => _layers;

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor features)
    {
        _features = features.Shape;
        _pixels = PixelVectors.Of(pass, features);
        _scores = pass.Forward(_linear, _pixels); // [N * H * W, classes]
        pass.Kernels.BoostForward(_scores, _factor, _scores);
        return pass.Forward(_pool, _scores.Reshape(OfPictures));
    }

    /// <inheritdoc />
    public override Tensor Backward(Pass pass, Tensor logitsGradient)
    {
        var scores = pass.Take(_scores.Shape);
        pass.Backward(_pool, logitsGradient, scores.Reshape(OfPictures), accumulate: false);
        pass.Kernels.BoostBackward(_scores, _factor, scores);
        var gradient = new PixelGradient(pass, _features, _pixels);
        pass.Backward(_linear, scores, gradient.Pixels, accumulate: false);
        pass.Release(scores);
        pass.Release(_scores);
        return gradient.ToFeatures();
    }

    /// <inheritdoc />
    public override int Fold(FoldedBuilder builder, int features)
    {
        var scores = builder.Linear(_linear, builder.Add(new PixelRowsStep(_linear.Name + ".pixels", features)));
        return builder.Add(new PixelMeanStep(
            _pool.Name, builder.Add(new BoostStep(_linear.Name + ".boost", scores, _factor))));
    }

    /// <inheritdoc />
    public override bool IsClassifier(string parameter) => Contains(parameter);

    private Shape OfPictures => new(_features.Batch, _features.Height, _features.Width, _scores.Shape.Channels);
}
