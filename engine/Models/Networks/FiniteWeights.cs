using System.Numerics;
using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// Refuses weights that no network can compute with: one NaN anywhere, and every picture gets the same nonsense.
/// </summary>
internal static class FiniteWeights
{
    private const string VarianceSuffix = ".running_var";
    private const string Remedy = "the file is damaged, or its training diverged; give other weights";

    /// <summary>Checks every value of these tensors, before any is used.</summary>
    /// <exception cref="InputException">
    /// Names the first tensor that holds NaN, an infinity or a variance below zero.
    /// </exception>
    public static void Require(IEnumerable<StateTensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            var values =
                tensor.Type == StateType.F32 ? MemoryMarshal.Cast<byte, float>(tensor.Data.Span) : tensor.ToFloats();
            if (!AreFinite(values))
                throw NotFinite(tensor, values);
            if (tensor.Name.EndsWith(VarianceSuffix, StringComparison.Ordinal)
                && FirstBelowZero(values) is >= 0 and var at)
            {
                throw new InputException($"tensor '{tensor.Name}' holds {values[at]} at place {at}, and a variance is "
                    + $"never below zero: {Remedy}");
            }
            MappedFile.Forget(tensor.Data);
        }
    }

    /// <summary>True if no value is NaN or an infinity.</summary>
    public static bool AreFinite(ReadOnlySpan<float> values)
    {
        // A value times zero is zero, or NaN, which stays in every sum.
        var sums = Vector<float>.Zero;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var vector in vectors)
            sums += vector * Vector<float>.Zero;
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..])
        {
            if (!float.IsFinite(value))
                return false;
        }
        return Vector.EqualsAll(sums, Vector<float>.Zero);
    }

    private static int FirstBelowZero(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] < 0)
                return i;
        }
        return -1;
    }

    private static InputException NotFinite(StateTensor tensor, ReadOnlySpan<float> values)
    {
        var (count, first) = (0, -1);
        for (var i = values.Length - 1; i >= 0; i--)
        {
            if (!float.IsFinite(values[i]))
                (count, first) = (count + 1, i);
        }
        return new InputException($"tensor '{tensor.Name}' holds {count} of {values.Length} values that are not finite "
            + $"({values[first]} at place {first}): {Remedy}");
    }
}
