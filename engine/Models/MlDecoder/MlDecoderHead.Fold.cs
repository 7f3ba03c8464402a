namespace Flixstock.Engine;

// What is known without a picture: the head as steps, and which head weights are of.
public sealed partial class MlDecoderHead
{
    /// <inheritdoc />
    public override int Fold(FoldedBuilder builder, int features)
    {
        var pixels = builder.Add(new PixelRowsStep(_embed.Name + ".pixels", features));
        var embedded = builder.Linear(_embed, pixels, ActivationKind.Relu);
        var target = Queries(builder, features);
        var attended = builder.Attention(_attention, target, embedded);
        var between = Norm(
            builder, _second, builder.Add(new AddStep(_attention.Name + ".skip", attended, target)));
        var hidden = builder.Linear(_up, between, ActivationKind.Relu);
        var sum = builder.Add(new AddStep(_down.Name + ".skip", builder.Linear(_down, hidden), between));
        return builder.GroupedLinear(_classifier, Norm(builder, _third, sum));
    }

    /// <summary>The head that weights are of; null if they are of no attention head.</summary>
    /// <param name="state">The weights.</param>
    /// <param name="name">Prefix of the head's names.</param>
    /// <returns>0 classes if they have no classifier.</returns>
    internal static (MlDecoderOptions Options, int Classes)? Describe(StateDict state, string name)
    {
        var sizes = Sizes(name);
        if (state.Find(sizes[0]) is not { Shape: [var width, _] })
            return null;
        var standard = new MlDecoderOptions { Width = width };
        if (state.Find(sizes[1]) is not { Shape: [var classes] }
            || state.Find(sizes[2]) is not { Shape: [var queries, _, _] })
        {
            return (standard, 0);
        }
        // Where every class has its own query, there may have been more.
        return (queries == classes && queries < standard.Queries ? standard : standard with { Queries = queries },
            classes);
    }

    /// <summary>
    /// The first tensor that <see cref="Describe"/> would need of an attention head; null if it has all, or if nothing
    /// is of one.
    /// </summary>
    /// <param name="state">The weights.</param>
    /// <param name="name">Prefix of the head's names.</param>
    internal static string? Missing(StateDict state, string name) =>
        state.Names.Any(own => own.StartsWith($"{name}.decoder.", StringComparison.Ordinal))
            ? Sizes(name).FirstOrDefault(own => state.Find(own) is null)
            : null;

    // What width, classes and queries are read from.
    private static string[] Sizes(string name) =>
    [
        $"{name}.decoder.embed_standart.weight", $"{name}.decoder.duplicate_pooling_bias",
        $"{name}.decoder.duplicate_pooling",
    ];

    // The first norm of the doubled queries, which no picture changes, in double.
    private int Queries(FoldedBuilder builder, int features)
    {
        var (weight, bias, values) =
            (builder.Read(_first.Weight), builder.Read(_first.Bias), builder.Read(_queries.Value));
        var width = weight.Length;
        for (var first = 0; first < values.Length; first += width)
        {
            var row = values.AsSpan(first, width);
            double sum = 0, squares = 0;
            foreach (var value in row)
                sum += 2.0 * value;
            var mean = sum / width;
            foreach (var value in row)
                squares += ((2.0 * value) - mean) * ((2.0 * value) - mean);
            var inverse = 1 / Math.Sqrt((squares / width) + _first.Epsilon);
            for (var c = 0; c < width; c++)
                row[c] = (float)((((2.0 * row[c]) - mean) * inverse * weight[c]) + bias[c]);
        }
        return builder.Add(new DecoderQueriesStep(_queries.Name, features)
        {
            Vectors = builder.Keep(values, _queries.Value.Shape),
        });
    }

    private static int Norm(FoldedBuilder builder, LayerNorm norm, int input) =>
        builder.Add(new LayerNormStep(norm.Name, input)
        {
            Weight = builder.Keep(norm.Weight),
            Bias = builder.Keep(norm.Bias),
            Epsilon = norm.Epsilon,
        });
}
