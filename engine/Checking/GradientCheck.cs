namespace Flixstock.Engine;

/// <summary>
/// Compares a layer's backward pass with central differences of its forward pass, on any backend, for the input and
/// every parameter.
/// <para>
/// The loss is sum(y * r) with fixed random r, its differences summed in double over the outputs: D(h) = sum r * (y(+h)
/// - y(-h)) / 2h. Two steps give the value (4 D(h/2) - D(h)) / 3 and an estimate of what truncation is left, |D(h/2) -
/// D(h)|. Outputs are singles, each off by up to <see cref="GradientCheckOptions.RoundoffFactor"/> (F) times u = 2^-24
/// of its size, so D is off by about F * u * root(sum (r * y)^2) / h, over the outputs that moved; and the backward
/// pass itself by F * u * root(outputs) of the tensor's largest gradient. The tolerance of an entry is the sum of the
/// three.
/// </para>
/// <para>
/// Kinks are declared by the layers (<see cref="Layer.HasKinkAtZero"/>): a difference across one is repeated with a
/// smaller step, and left out and counted if none is small enough. So is an entry whose truncation does not settle. A
/// check that leaves out too much fails.
/// </para>
/// </summary>
/// <example><code>
/// using var backend = Backend.Cpu();
/// var report = GradientCheck.Run(backend, new Convolution("mine", 7, 5, 3), new Shape(2, 6, 5, 7));
/// report.ThrowIfFailed();
/// </code></example>
public static class GradientCheck
{
    internal const double RoundingUnit = 1.0 / (1 << 24);
    private const int StepsTried = 4;
    private const double StepFactor = 0.25;
    // Truncation above this share of the tensor's largest gradient: the two steps do not see the same function.
    private const double LargestTruncation = 0.02;

    /// <summary>
    /// Checks a layer's backward pass. Parameters that lie in no buffer yet get random values for the time of the
    /// check.
    /// </summary>
    /// <param name="backend">The device to compute on.</param>
    /// <param name="layer">The layer to check, any subclass.</param>
    /// <param name="inputShape">A small one: every entry costs four forward passes.</param>
    /// <param name="options">Options of the check; null for the defaults.</param>
    public static GradientReport Run(
        Backend backend, Layer layer, Shape inputShape, GradientCheckOptions? options = null)
    {
        options ??= new GradientCheckOptions();
        using var subject = new LayerUnderCheck(backend, layer, inputShape, options);
        var analytic = subject.Gradients();
        var reports = new List<TensorReport>();
        for (var i = 0; i < analytic.Count; i++)
        {
            var point = i;
            reports.Add(CheckTensor(
                subject.Names[i], analytic[i], subject.Values[i], options,
                (index, step) => subject.Difference(point, index, step)));
        }
        if (!layer.InPlace)
            reports.Add(subject.CheckAccumulation(analytic[0]));
        return new GradientReport(layer.Name, reports, options.LargestSkippedShare);
    }

    /// <summary>
    /// Checks the gradient of a scalar function, such as a loss. Constants that its gradient takes as given (weights,
    /// masks) must be frozen by the caller at the point: the function is what the gradient claims to be the gradient
    /// of.
    /// </summary>
    /// <param name="name">Name of the function in the report.</param>
    /// <param name="point">Point at which the gradient is checked.</param>
    /// <param name="value">The function, computed in double.</param>
    /// <param name="gradient">The claimed gradient at the point, in single precision.</param>
    /// <param name="options">Null for the defaults with a step of 1e-3, which double precision allows.</param>
    public static GradientReport RunFunction(
        string name, IReadOnlyList<float> point, Func<double[], double> value, float[] gradient,
        GradientCheckOptions? options = null)
    {
        options ??= new GradientCheckOptions { Step = 1e-3 };
        double At(int index, double offset)
        {
            var moved = point.Select(coordinate => (double)coordinate).ToArray();
            moved[index] += offset;
            return value(moved);
        }
        Difference? Central(int index, double step) => new((At(index, step) - At(index, -step)) / (2 * step), 0, 1);
        return new GradientReport(
            name, [CheckTensor(name, gradient, [.. point], options, Central)], options.LargestSkippedShare);
    }

    /// <summary>A central difference, null if a kink lies within the step.</summary>
    /// <param name="Value">The difference D(h).</param>
    /// <param name="Noise">Error that rounding of the outputs may have added.</param>
    /// <param name="Outputs">Number of outputs that changed.</param>
    internal readonly record struct Difference(double Value, double Noise, int Outputs);

    private static TensorReport CheckTensor(
        string name, float[] analytic, float[] values, GradientCheckOptions options,
        Func<int, double, Difference?> difference)
    {
        var largest = analytic.Max(value => Math.Abs((double)value));
        var (done, skipped) = (0, 0);
        GradientEntry? worst = null;
        foreach (var index in Choose(analytic.Length, options))
        {
            if (CheckEntry(name, index, analytic[index], values[index], largest, options, difference) is not { } entry)
            {
                skipped++;
                continue;
            }
            done++;
            if (worst is null || entry.Excess > worst.Value.Excess)
                worst = entry;
        }
        return new TensorReport(name, done, skipped, worst);
    }

    private static GradientEntry? CheckEntry(
        string name, int index, double analytic, double value, double largest, GradientCheckOptions options,
        Func<int, double, Difference?> difference)
    {
        var step = options.Step * Math.Max(1, Math.Abs(value));
        for (var attempt = 0; attempt < StepsTried; attempt++, step *= StepFactor)
        {
            if (difference(index, step) is not { } whole || difference(index, step / 2) is not { } half)
                continue;
            var numeric = (4 * half.Value - whole.Value) / 3;
            var truncation = Math.Abs(half.Value - whole.Value);
            var noise = options.RoundoffFactor
                * (half.Noise + RoundingUnit * Math.Sqrt(half.Outputs) * Math.Max(largest, Math.Abs(numeric)));
            if (truncation > LargestTruncation * Math.Max(largest, Math.Abs(numeric)) + noise)
                continue;
            return new GradientEntry(name, index, analytic, numeric, truncation + noise + double.Epsilon);
        }
        return null;
    }

    private static IEnumerable<int> Choose(int count, GradientCheckOptions options)
    {
        var all = Enumerable.Range(0, count).ToArray();
        if (count <= options.EntriesPerTensor)
            return all;
        new SeededRandom(options.Seed).Derive("entries").Shuffle<int>(all);
        return all.Take(options.EntriesPerTensor).Order();
    }
}
