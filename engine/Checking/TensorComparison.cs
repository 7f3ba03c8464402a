namespace Flixstock.Engine;

/// <summary>Two versions of one destination, element by element.</summary>
internal static class TensorComparison
{
    /// <summary>The first element beyond its tolerance.</summary>
    public readonly record struct First(long Element, double Actual, double Expected, double Tolerance, long Differing);

    /// <summary>Compares two tensors.</summary>
    /// <param name="actual">Elements of the tensor under test.</param>
    /// <param name="expected">The expected values, the same number of them.</param>
    /// <param name="tensor">Shape and type of the tensor under test.</param>
    /// <param name="tolerance">Relative to the largest expected value: of a row if the tensor is a table, whose rows
    /// may be of different kinds; 0 for integers.</param>
    /// <returns>The largest difference in units of its tolerance, and the first element for which that is above
    /// 1.</returns>
    public static (double Worst, First? Difference) Compare(
        double[] actual, double[] expected, Tensor tensor, double tolerance)
    {
        var fractions = tensor.Type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16;
        var row = tensor.Shape.Rank is 2 or 3 ? tensor.Shape.Channels : actual.Length;
        double worst = 0, largest = 0;
        First? first = null;
        long differing = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            if (i % row == 0)
                largest = Largest(expected.AsSpan(i, row));
            var allowed = fractions ? tolerance * largest + Rounding(tensor.Type, expected[i]) : 0;
            var excess = Excess(actual[i], expected[i], allowed);
            worst = Math.Max(worst, excess);
            if (excess <= 1)
                continue;
            differing++;
            first ??= new First(i, actual[i], expected[i], allowed, 0);
        }
        return (worst, first is { } found ? found with { Differing = differing } : null);
    }

    private static double Excess(double actual, double expected, double allowed)
    {
        if (actual.Equals(expected)) // two that are not a number, too
            return 0;
        var difference = Math.Abs(actual - expected);
        return double.IsNaN(difference) || allowed == 0 ? double.PositiveInfinity : difference / allowed;
    }

    // What is not finite has no size.
    private static double Largest(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (var value in values)
            largest = double.IsFinite(value) ? Math.Max(largest, Math.Abs(value)) : largest;
        return largest;
    }

    // One step of the type at this value, and the distance from zero to the next number.
    private static double Rounding(ElementType type, double value) => type switch
    {
        ElementType.Float16 => Math.Abs(value) / (1 << 10) + 1.0 / (1 << 24),
        ElementType.BFloat16 => Math.Abs(value) / (1 << 7) + float.Epsilon,
        _ => float.Epsilon,
    };
}
