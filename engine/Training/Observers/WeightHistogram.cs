namespace Flixstock.Engine;

/// <summary>A histogram of a tensor's values as TensorBoard reads it: buckets of one width, least to largest.</summary>
internal static class WeightHistogram
{
    /// <summary>Buckets, as TensorBoard draws them.</summary>
    public const int Buckets = 30;

    /// <summary>Counts values; null if none of them is a finite number. Others are left out.</summary>
    /// <param name="values">The values.</param>
    public static HistogramProto? Of(ReadOnlySpan<float> values)
    {
        var (least, largest, sum, squares, count) = (double.MaxValue, double.MinValue, 0.0, 0.0, 0L);
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                continue;
            (least, largest, count) = (Math.Min(least, value), Math.Max(largest, value), count + 1);
            (sum, squares) = (sum + value, squares + ((double)value * value));
        }
        if (count == 0)
            return null;
        var histogram = new HistogramProto
        {
            Min = least,
            Max = largest,
            Num = count,
            Sum = sum,
            SumSquares = squares,
        };
        if (least < largest)
        {
            histogram.BucketLimit.AddRange(
                Enumerable.Range(1, Buckets).Select(i => least + ((largest - least) * i / Buckets)));
            histogram.Bucket.AddRange(Count(values, least, largest));
        }
        else
        {
            histogram.BucketLimit.Add(largest); // all values are one
            histogram.Bucket.Add(count);
        }
        return histogram;
    }

    private static double[] Count(ReadOnlySpan<float> values, double least, double largest)
    {
        var counts = new double[Buckets];
        var scale = Buckets / (largest - least);
        foreach (var value in values)
        {
            if (float.IsFinite(value))
                counts[Math.Min((int)((value - least) * scale), Buckets - 1)]++;
        }
        return counts;
    }
}
