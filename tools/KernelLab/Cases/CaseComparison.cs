using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>How a call on a device compares with the reference kernels'.</summary>
/// <param name="Case">The call's name.</param>
/// <param name="Type">Of activations.</param>
/// <param name="Shape">What the call was prepared for.</param>
/// <param name="Aligned">Whether 16-byte accesses were possible.</param>
/// <param name="Worst">The largest difference in units of its tolerance.</param>
/// <param name="Difference">The first element beyond tolerance, in one line; null where there is none.</param>
internal sealed record CaseResult(
    string Case, ElementType Type, Shape Shape, bool Aligned, double Worst, string? Difference);

/// <summary>Calls of kernels on a CUDA device beside the reference kernels.</summary>
internal static class CaseComparison
{
    /// <summary>Some that take the 16-byte path, and channels and pixels that fit nothing.</summary>
    public static readonly (Shape Shape, bool Aligned)[] Shapes =
        [(new(2, 3, 5, 16), true), (new(1, 7, 7, 1), false), (new(2, 2, 3, 33), false), (new(1, 4, 3, 40), true)];

    /// <summary>
    /// Of several blocks a sum, and of several pixels in flight a thread; one and two tiles of channels.
    /// </summary>
    public static readonly (Shape Shape, bool Aligned)[] SumShapes =
        [(new(2, 9, 8, 256), true), (new(1, 9, 9, 33), false)];

    /// <summary>What kernels are instantiated for.</summary>
    public static readonly ElementType[] Types = [ElementType.Float32, ElementType.Float16, ElementType.BFloat16];

    /// <summary>One call in every shape and in every type, or in one.</summary>
    public static IEnumerable<CaseResult> Every(CudaDevice device, KernelCall call, ElementType? only = null) =>
        from type in Types
        where only is null || type == only
        from entry in ShapesOf(call)
        where entry.Shape.Height >= call.Least && entry.Shape.Width >= call.Least
        select Compare(device, call, type, entry.Shape, entry.Aligned);

    private static IEnumerable<(Shape Shape, bool Aligned)> ShapesOf(KernelCall call) =>
        call.Sums ? Shapes.Concat(SumShapes) : Shapes;

    /// <summary>One call of our kernels.</summary>
    /// <exception cref="KernelCaseException">A guard was touched.</exception>
    public static CaseResult Compare(CudaDevice device, KernelCall call, ElementType type, Shape shape, bool aligned) =>
        Compare(new Backend(device, CudaKernels.WithoutLibraries(device)), call, type, shape, aligned);

    /// <summary>One call of a backend's kernels.</summary>
    /// <param name="backend">Stays open: it is the next call's too.</param>
    /// <param name="call">What is called.</param>
    /// <param name="type">Of activations.</param>
    /// <param name="shape">What the call is prepared for.</param>
    /// <param name="aligned">Whether 16-byte accesses are possible.</param>
    /// <param name="rounding">What the factors of products may be off, where they are rounded.</param>
    /// <exception cref="KernelCaseException">A guard was touched.</exception>
    public static CaseResult Compare(
        Backend backend, KernelCall call, ElementType type, Shape shape, bool aligned, double rounding = 0)
    {
        var expected = Expected(call, type, shape, aligned);
        var bench = new KernelWorkbench(backend, type, aligned);
        call.Prepare(bench, shape)(backend.Kernels);
        var actual = bench.Results();
        bench.Free();
        double worst = 0;
        string? first = null;
        for (var i = 0; i < actual.Count; i++)
        {
            // What a kernel may be off in single precision, one rounding to the type, and in fp16 the spacing of the
            // numbers next to zero.
            var tolerance = HalfPrecision.Smallest(type)
                + (call.Tolerance + rounding + HalfPrecision.Step(type)) * CaseValues.Largest(expected[i].Values);
            var (larger, at) = Difference(actual[i].Values, expected[i].Values, tolerance);
            worst = Math.Max(worst, larger);
            if (at >= 0)
            {
                first ??= $"{call.Name}, {type} {shape} aligned={aligned}: element {at} of '{actual[i].Name}' is "
                    + $"{actual[i].Values[at]:g9}, expected {expected[i].Values[at]:g9} within {tolerance:g3}";
            }
        }
        return new CaseResult(call.Name, type, shape, aligned, worst, first);
    }

    private static List<(string Name, float[] Values)> Expected(
        KernelCall call, ElementType type, Shape shape, bool aligned)
    {
        using var bench = new KernelWorkbench(Backend.Reference(), type, aligned);
        call.Prepare(bench, shape)(bench.Backend.Kernels);
        return bench.Results();
    }

    // The largest difference in units of the tolerance, and the first element beyond it or -1.
    private static (double Worst, int At) Difference(float[] actual, float[] expected, double tolerance)
    {
        var (worst, first) = (0.0, -1);
        for (var i = 0; i < actual.Length; i++)
        {
            var difference = actual[i].Equals(expected[i]) || actual[i] == expected[i]
                ? 0
                : Math.Abs((double)actual[i] - expected[i]);
            var excess =
                double.IsNaN(difference) ? double.PositiveInfinity : difference == 0 ? 0 : difference / tolerance;
            worst = Math.Max(worst, excess);
            if (excess > 1 && first < 0)
                first = i;
        }
        return (worst, first);
    }
}
