namespace Flixstock.KernelLab;

/// <summary>A kernel wrote where it should not, or something else than it should; the message says what.</summary>
public sealed class KernelCaseException : Exception
{
    /// <inheritdoc />
    public KernelCaseException(string message)
        : base(message)
    {
    }

    /// <inheritdoc />
    public KernelCaseException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <inheritdoc />
    public KernelCaseException()
    {
    }
}

/// <summary>Numbers for the tensors of kernel calls.</summary>
internal static class CaseValues
{
    /// <summary>
    /// Tolerance of single-precision sums of up to 1000 normal products (9 taps of 131 inputs, or as many pixels): the
    /// error grows with the root of their number.
    /// </summary>
    public const double LongSum = 5e-6;

    /// <summary>Tolerance of sums of a few hundred products in single precision one after the other.</summary>
    public const double SingleSum = 1e-5;

    // Tensors that are timed have a hundred million elements: these are repeated.
    private const int MostDrawn = 1 << 20;

    /// <summary>Normally distributed around <paramref name="mean"/>.</summary>
    public static float[] Random(long count, ulong seed, float deviation = 1, float mean = 0)
    {
        var random = new Random((int)seed);
        var result = new float[count];
        var drawn = (int)Math.Min(count, MostDrawn);
        for (var i = 0; i < drawn; i++)
        {
            result[i] = mean + deviation * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(
                2 * Math.PI * random.NextDouble()));
        }
        for (var at = (long)drawn; at < count; at += drawn)
            Array.Copy(result, 0, result, at, Math.Min(drawn, count - at));
        return result;
    }

    /// <summary>The largest magnitude.</summary>
    public static double Largest(ReadOnlySpan<float> values)
    {
        double largest = 0;
        foreach (var value in values)
            largest = float.IsNaN(value) ? largest : Math.Max(largest, Math.Abs(value));
        return largest;
    }
}
