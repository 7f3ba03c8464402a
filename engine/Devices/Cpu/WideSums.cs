using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

/// <summary>Puts partial sums in single precision together in double, always in the same order.</summary>
internal static unsafe class WideSums
{
    /// <summary>sums[i] = sum over rows of partials[row * length + i].</summary>
    public static void Add(float* partials, int rows, int length, double* sums)
    {
        new Span<double>(sums, length).Clear();
        for (var row = 0; row < rows; row++)
            AddRow(partials + (long)row * length, length, sums);
    }

    private static void AddRow(float* source, int length, double* sums)
    {
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Load(source + i));
            (Vector256.Load(sums + i) + lower).Store(sums + i);
            (Vector256.Load(sums + i + 4) + upper).Store(sums + i + 4);
        }
        for (; i < length; i++)
            sums[i] += source[i];
    }
}
