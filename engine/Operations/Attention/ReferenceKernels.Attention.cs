namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void AttentionWeightsForward(ReadOnlyTensor query, ReadOnlyTensor key, int heads, Tensor probabilities)
    {
        var (queries, pixels) = (query.Shape[1], key.Shape[1]);
        var scale = AttentionScale(query, heads);
        var scores = new double[pixels];
        for (var row = 0; row < probabilities.Shape.Pixels; row++)
        {
            var (item, l) = (row / queries, row % queries);
            for (var s = 0; s < pixels; s++)
                scores[s] = scale * Dot(HeadRow(query, item, heads, l), HeadRow(key, item, heads, s));
            var largest = scores.Max();
            var sum = 0.0;
            for (var s = 0; s < pixels; s++)
                sum += scores[s] = Math.Exp(scores[s] - largest);
            for (var s = 0; s < pixels; s++)
                probabilities.Floats()[row * pixels + s] = (float)(scores[s] / sum);
        }
    }

    public void AttentionWeightsBackward(
        ReadOnlyTensor query, ReadOnlyTensor key, ReadOnlyTensor probabilities, int heads,
        Tensor probabilitiesGradient, Tensor queryGradient, Tensor keyGradient)
    {
        var pixels = key.Shape[1];
        for (var row = 0; row < probabilities.Shape.Pixels; row++)
        {
            var p = probabilities.Floats().Slice(row * pixels, pixels);
            var gradient = probabilitiesGradient.Floats().Slice(row * pixels, pixels);
            var sum = Dot(p, gradient);
            for (var s = 0; s < pixels; s++)
                gradient[s] = (float)(p[s] * (gradient[s] - sum));
        }
        var scale = AttentionScale(query, heads);
        if (queryGradient.Exists)
            WeightedSum(probabilitiesGradient, key, scale, turned: false, queryGradient);
        if (keyGradient.Exists)
            WeightedSum(probabilitiesGradient, query, scale, turned: true, keyGradient);
    }

    public void AttentionValuesForward(ReadOnlyTensor probabilities, ReadOnlyTensor value, int heads, Tensor output) =>
        WeightedSum(probabilities, value, factor: 1, turned: false, output);

    public void AttentionValuesBackward(
        ReadOnlyTensor probabilities, ReadOnlyTensor value, ReadOnlyTensor outputGradient, int heads,
        Tensor probabilitiesGradient, Tensor valueGradient)
    {
        var (queries, pixels) = (outputGradient.Shape[1], value.Shape[1]);
        for (var i = 0; probabilitiesGradient.Exists && i < probabilities.Count; i++)
        {
            var (row, s) = (i / pixels, i % pixels);
            var (item, l) = (row / queries, row % queries);
            probabilitiesGradient.Floats()[i] =
                (float)Dot(HeadRow(outputGradient, item, heads, l), HeadRow(value, item, heads, s));
        }
        if (valueGradient.Exists)
            WeightedSum(probabilities, outputGradient, factor: 1, turned: true, valueGradient);
    }

    private static double AttentionScale(ReadOnlyTensor query, int heads) =>
        1 / Math.Sqrt(query.Shape.Channels / heads);

    // A head's columns of a row of [N, R, D]; item: picture * heads + head.
    private static ReadOnlySpan<float> HeadRow(ReadOnlyTensor tensor, int item, int heads, int row)
    {
        var width = tensor.Shape.Channels / heads;
        return tensor.Floats().Slice(
            (((item / heads * tensor.Shape[1]) + row) * heads + item % heads) * width, width);
    }

    // sums[l] = factor * sum over s of weights[l, s] * source[s], or, turned, sums[s] over l.
    private static void WeightedSum(
        ReadOnlyTensor weights, ReadOnlyTensor source, double factor, bool turned, Tensor sums)
    {
        var (heads, queries, pixels) = (weights.Shape[1], weights.Shape[2], weights.Shape[3]);
        var (rows, terms, width) = (sums.Shape[1], source.Shape[1], sums.Shape.Channels / heads);
        var row = new double[width];
        for (var item = 0; item < weights.Shape[0] * heads; item++)
        {
            for (var r = 0; r < rows; r++)
            {
                Array.Clear(row);
                for (var t = 0; t < terms; t++)
                {
                    var weight = weights.Floats()[(item * queries + (turned ? t : r)) * pixels + (turned ? r : t)];
                    AddScaled(factor * weight, HeadRow(source, item, heads, t), row);
                }
                StoreRow(
                    row, accumulate: false,
                    sums.Floats().Slice((((item / heads * rows) + r) * heads + item % heads) * width, width));
            }
        }
    }
}
