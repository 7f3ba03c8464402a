namespace Flixstock.Engine;

/// <summary>
/// The attention head of ML-Decoder (Ridnik et al., 2021): e = relu(W f) of every pixel; t = LN(2 q) of fixed queries;
/// t = LN(t + attention(t, e, e)); t = LN(t + W2 relu(W1 t)); each query's vector gives the scores of a group of
/// classes. It takes the features without a pooling before them, and computes in single precision.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed partial class MlDecoderHead : NetworkHead
{
    private const int OfQueries = 0, OfAttention = 1, OfHidden = 2, OfFeedForward = 3;

    private readonly DecoderQueries _queries;
    private readonly Linear _embed, _up, _down;
    private readonly LayerNorm _first, _second, _third;
    private readonly MultiHeadAttention _attention;
    private readonly GroupedLinear _classifier;
    private readonly Dropout[] _dropouts;
    private readonly Layer[] _layers;

    // Kept for the backward pass. Queries, rows and pixels are [N, Q, D], [N * Q, D] and [N * S, C].
    private Tensor _pixels, _embedded, _doubled, _target, _attended, _between, _hidden, _dropped, _sum, _decoded;
    private Shape _features;

    /// <summary>A head.</summary>
    /// <param name="name">Prefix of its parameters' names: <c>name.decoder.embed_standart.weight</c>.</param>
    /// <param name="features">Number of channels of the body's features.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="options">Queries, width and dropout.</param>
    /// <param name="channelMultiple">The device's channel multiple, to which C is padded.</param>
    public MlDecoderHead(
        string name, int features, int classes, MlDecoderOptions options, int channelMultiple = 1)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (width, queries, hidden) = (options.Width, options.QueriesFor(classes), MlDecoderOptions.FeedForward);
        var (own, layer) = ($"{name}.decoder", $"{name}.decoder.layers.0");
        _classifier = new GroupedLinear(own, queries, width, classes);
        _first = new LayerNorm(layer + ".norm1", width);
        _second = new LayerNorm(layer + ".norm2", width);
        _third = new LayerNorm(layer + ".norm3", width);
        _dropouts =
        [
            .. Enumerable.Range(OfQueries, OfFeedForward + 1)
                .Select(i => new Dropout($"{layer}.dropout{i + 1}", (float)options.Dropout)),
        ];
        _attention = new MultiHeadAttention(layer + ".multihead_attn", width, MlDecoderOptions.Heads)
        {
            ProbabilityDropout = options.Dropout > 0
                ? new Dropout(layer + ".multihead_attn.dropout", (float)options.Dropout)
                : null,
        };
        _up = new Linear(layer + ".linear1", width, hidden, initialDeviation: Deviation(width));
        _down = new Linear(layer + ".linear2", hidden, width, initialDeviation: Deviation(hidden));
        _embed = new Linear(own + ".embed_standart", features, width, channelMultiple, Deviation(features));
        _queries = new DecoderQueries(own + ".query_embed", queries, width);
        _layers = [_classifier, _first, _attention, _up, _down, _second, _third, _embed, _queries, .. _dropouts];
        DropsOut = options.Dropout > 0;
    }

    private bool DropsOut { get; }

    /// <inheritdoc />
    public override IReadOnlyList<Layer> Layers => _layers;

    // That of the uniform distribution between plus and minus 1 / sqrt(inputs), which the paper's networks start from.
    private static double Deviation(int inputs) => 1 / Math.Sqrt(3.0 * inputs);

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor features)
    {
        _features = features.Shape;
        _pixels = PixelVectors.Of(pass, features);
        _embedded = pass.Forward(_embed, _pixels);
        pass.Kernels.ActivationForward(_embedded, ActivationKind.Relu, _embedded);
        _doubled = Doubled(pass, pass.Forward(_queries, features));
        _target = pass.Forward(_first, _doubled);
        _attended = Dropped(pass, OfAttention, _attention.Forward(pass, _target, Memory(_embedded)));
        pass.Kernels.Add(_target, _attended);
        _between = pass.Forward(_second, _attended);
        _hidden = pass.Forward(_up, Rows(_between));
        pass.Kernels.ActivationForward(_hidden, ActivationKind.Relu, _hidden);
        _dropped = Drops(pass) ? pass.Forward(_dropouts[OfHidden], _hidden) : _hidden;
        _sum = Dropped(pass, OfFeedForward, pass.Forward(_down, _dropped)).Reshape(_between.Shape);
        pass.Kernels.Add(_between, _sum);
        _decoded = pass.Forward(_third, _sum);
        return pass.Forward(_classifier, _decoded);
    }

    /// <inheritdoc />
    public override Tensor Backward(Pass pass, Tensor logitsGradient)
    {
        var decoded = pass.Take(_decoded.Shape);
        pass.Backward(_classifier, logitsGradient, decoded, accumulate: false);
        var between = FeedForwardBackward(pass, decoded);
        var (target, attended) = Split(pass, _second, between, _attended, OfAttention);
        pass.Release(_between);
        var memory = pass.Take(Memory(_embedded).Shape);
        _attention.Backward(pass, attended, target, accumulateTarget: true, memory, accumulateMemory: false);
        pass.Release(attended);
        pass.Backward(_first, target, Tensor.None, accumulate: false);
        Release(pass, target, _target, _doubled);
        return EmbedBackward(pass, memory);
    }

    // The gradient of what the feed-forward part reads.
    private Tensor FeedForwardBackward(Pass pass, Tensor decoded)
    {
        var (between, down) = Split(pass, _third, decoded, _sum, OfFeedForward);
        pass.Release(_decoded);
        var hidden = pass.Take(_hidden.Shape);
        pass.Backward(_down, Rows(down), hidden, accumulate: false);
        pass.Release(down);
        if (Drops(pass))
        {
            var dropped = hidden;
            hidden = pass.Take(_hidden.Shape);
            pass.Backward(_dropouts[OfHidden], dropped, hidden, accumulate: false);
            Release(pass, dropped, _dropped);
        }
        pass.Kernels.ActivationBackward(_hidden, ActivationKind.Relu, hidden);
        pass.Backward(_up, hidden, Rows(between), accumulate: true);
        Release(pass, hidden, _hidden);
        return between;
    }

    // Through a norm over x + dropout(f(x)): the gradients of x so far and of f(x). Takes the gradient and the norm's
    // input.
    private (Tensor Skip, Tensor Branch) Split(Pass pass, LayerNorm norm, Tensor gradient, Tensor input, int dropout)
    {
        var skip = pass.Take(input.Shape);
        pass.Backward(norm, gradient, skip, accumulate: false);
        Release(pass, gradient, input);
        var branch = pass.Take(input.Shape);
        pass.Kernels.Copy(skip, branch);
        if (!Drops(pass))
            return (skip, branch);
        var undropped = pass.Take(input.Shape);
        pass.Backward(_dropouts[dropout], branch, undropped, accumulate: false);
        pass.Release(branch);
        return (skip, undropped);
    }

    private Tensor EmbedBackward(Pass pass, Tensor memory)
    {
        var gradient = memory.Reshape(_embedded.Shape);
        pass.Kernels.ActivationBackward(_embedded, ActivationKind.Relu, gradient);
        var features = new PixelGradient(pass, _features, _pixels);
        pass.Backward(_embed, gradient, features.Pixels, accumulate: false);
        Release(pass, memory, _embedded);
        return features.ToFeatures();
    }

    private bool Drops(Pass pass) => DropsOut && pass.Training;

    // q + dropout(q)
    private Tensor Doubled(Pass pass, Tensor queries)
    {
        if (!Drops(pass))
        {
            pass.Kernels.Add(queries, queries);
            return queries;
        }
        var dropped = pass.Forward(_dropouts[OfQueries], queries);
        pass.Kernels.Add(dropped, queries);
        pass.Release(dropped);
        return queries;
    }

    private Tensor Dropped(Pass pass, int number, Tensor values)
    {
        if (!Drops(pass))
            return values;
        var dropped = pass.Forward(_dropouts[number], values);
        pass.Release(values);
        return dropped;
    }

    private Tensor Memory(Tensor embedded) =>
        embedded.Reshape(new Shape(_features.Batch, _features.PixelsPerPicture, embedded.Shape.Channels));

    private static Tensor Rows(Tensor queries) =>
        queries.Reshape(new Shape(checked((int)queries.Shape.Pixels), queries.Shape.Channels));

    private static void Release(Pass pass, params ReadOnlySpan<Tensor> tensors)
    {
        foreach (var tensor in tensors)
            pass.Release(tensor);
    }

    // There are no more queries than classes.
    /// <inheritdoc />
    public override bool IsClassifier(string parameter) =>
        parameter.StartsWith(_classifier.Name + ".duplicate_pooling", StringComparison.Ordinal)
        || parameter.StartsWith(_queries.Name + ".", StringComparison.Ordinal);
}
