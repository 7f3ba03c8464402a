namespace Flixstock.Engine;

/// <summary>
/// What the queries of an attention head look at: of a class the attention of its query, the mean over the heads, a
/// share of 1 for every pixel of the features.
/// </summary>
internal sealed class HeadAttention
{
    private readonly int _value, _heads, _perQuery;

    private HeadAttention(int value, int heads, int perQuery) =>
        (_value, _heads, _perQuery) = (value, heads, perQuery);

    /// <summary>
    /// The attention of a network whose head has one, and a classifier of groups after it; null otherwise.
    /// </summary>
    /// <param name="network">A network.</param>
    public static HeadAttention? Find(FoldedNetwork network)
    {
        var steps = network.Steps.Index().Skip(network.Features)
            .Where(one => one.Item is AttentionWeightsStep).ToList();
        return steps is [var (number, step)] && network.Steps[^1] is GroupedLinearStep classifier
            ? new HeadAttention(number + 1, ((AttentionWeightsStep)step).Heads, classifier.Weight.Shape[2])
            : null;
    }

    /// <summary>The shares of every picture, as they are after a run.</summary>
    /// <param name="device">The device that holds them.</param>
    /// <param name="plan">The run.</param>
    /// <returns>[N, heads * Q, S]</returns>
    public (float[] Shares, Shape Shape) Read(Device device, FoldedPlan plan)
    {
        var shares = plan.Kept(_value);
        return (device.ToHost<float>(shares), shares.Shape);
    }

    /// <summary>The map of one class for one picture, [S].</summary>
    /// <param name="shares">What <see cref="Read"/> returned.</param>
    /// <param name="picture">Number of the picture.</param>
    /// <param name="classIndex">Number of the class.</param>
    public float[] Map((float[] Shares, Shape Shape) shares, int picture, int classIndex)
    {
        var (rows, pixels) = (shares.Shape[1], shares.Shape[2]);
        var (queries, query) = (rows / _heads, classIndex / _perQuery);
        var map = new float[pixels];
        for (var head = 0; head < _heads; head++)
        {
            var row = shares.Shares.AsSpan(((picture * rows) + (head * queries) + query) * pixels, pixels);
            for (var pixel = 0; pixel < pixels; pixel++)
                map[pixel] += row[pixel] / _heads;
        }
        return map;
    }
}
