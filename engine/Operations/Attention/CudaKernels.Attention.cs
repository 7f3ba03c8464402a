namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private const int AttentionRowsOfBlock = SweepThreads / 32; // a warp a row, as in attention.cu

    private readonly KernelEntries _attentionScores = new("attention", "attention_scores");
    private readonly KernelEntries _attentionByQueries = new("attention", "attention_by_queries");
    private readonly KernelEntries _attentionByPixels = new("attention", "attention_by_pixels");
    private readonly KernelEntries _attentionSoftmax = new("attention", "attention_softmax");
    private readonly KernelEntries _attentionSoftmaxBackward = new("attention", "attention_softmax_backward");

    public void AttentionWeightsForward(ReadOnlyTensor query, ReadOnlyTensor key, int heads, Tensor probabilities)
    {
        AttentionScores(query, key, AttentionScale(query, heads), probabilities);
        var (rows, pixels) = AttentionRows(probabilities);
        Launch(_attentionSoftmax, AttentionRowShape(rows), probabilities, rows, pixels);
    }

    public void AttentionWeightsBackward(
        ReadOnlyTensor query, ReadOnlyTensor key, ReadOnlyTensor probabilities, int heads,
        Tensor probabilitiesGradient, Tensor queryGradient, Tensor keyGradient)
    {
        var (rows, pixels) = AttentionRows(probabilities);
        Launch(
            _attentionSoftmaxBackward, AttentionRowShape(rows), probabilities, probabilitiesGradient, rows, pixels);
        var scale = AttentionScale(query, heads);
        if (queryGradient.Exists)
            WeightedSum(_attentionByQueries, probabilitiesGradient, key, scale, queryGradient);
        if (keyGradient.Exists)
            WeightedSum(_attentionByPixels, probabilitiesGradient, query, scale, keyGradient);
    }

    public void AttentionValuesForward(ReadOnlyTensor probabilities, ReadOnlyTensor value, int heads, Tensor output) =>
        WeightedSum(_attentionByQueries, probabilities, value, factor: 1, output);

    public void AttentionValuesBackward(
        ReadOnlyTensor probabilities, ReadOnlyTensor value, ReadOnlyTensor outputGradient, int heads,
        Tensor probabilitiesGradient, Tensor valueGradient)
    {
        if (probabilitiesGradient.Exists)
            AttentionScores(outputGradient, value, factor: 1, probabilitiesGradient);
        if (valueGradient.Exists)
            WeightedSum(_attentionByPixels, probabilities, outputGradient, factor: 1, valueGradient);
    }

    private static float AttentionScale(ReadOnlyTensor query, int heads) =>
        (float)(1 / Math.Sqrt(query.Shape.Channels / heads));

    private static (int Rows, int Pixels) AttentionRows(ReadOnlyTensor probabilities) =>
        (Packs(probabilities.Shape.Pixels, fast: false, "attention"), probabilities.Shape.Channels);

    private LaunchShape AttentionRowShape(int rows) => LaunchShape.Linear(
        Math.Min(Divide(rows, AttentionRowsOfBlock), (long)_device.Multiprocessors * BlocksPerMultiprocessor),
        SweepThreads);

    // [N, heads, L, S] of left [N, L, D] and right [N, S, D].
    private void AttentionScores(ReadOnlyTensor left, ReadOnlyTensor right, float factor, Tensor scores)
    {
        var (items, heads) = (scores.Shape[0] * scores.Shape[1], scores.Shape[1]);
        var (queries, pixels, width) = (scores.Shape[2], scores.Shape[3], left.Shape.Channels / heads);
        Launch(
            _attentionScores, left.Type, fast: false, ProductShape(queries, pixels, items),
            left, right, factor, scores, items, heads, queries, pixels, width);
    }

    // Of rows of the source, by weights [N, heads, L, S].
    private void WeightedSum(
        KernelEntries entries, ReadOnlyTensor weights, ReadOnlyTensor source, float factor, Tensor sums)
    {
        var (items, heads) = (weights.Shape[0] * weights.Shape[1], weights.Shape[1]);
        var (queries, pixels, width) = (weights.Shape[2], weights.Shape[3], sums.Shape.Channels / heads);
        Launch(
            entries, source.Type, fast: false, ProductShape(sums.Shape[1], width, items),
            weights, source, factor, sums, items, heads, queries, pixels, width);
    }
}
