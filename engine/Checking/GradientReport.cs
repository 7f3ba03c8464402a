using System.Globalization;

namespace Flixstock.Engine;

/// <summary>One entry of a gradient, computed twice.</summary>
/// <param name="Tensor">Parameter's name, or "input".</param>
/// <param name="Index">Flat index in the device's layout.</param>
/// <param name="Analytic">Value from the backward pass.</param>
/// <param name="Numeric">Value from differences of forward passes.</param>
/// <param name="Tolerance">Largest difference that is allowed; see <see cref="GradientCheck"/> for its
/// derivation.</param>
public readonly record struct GradientEntry(
    string Tensor, long Index, double Analytic, double Numeric, double Tolerance)
{
    /// <summary>Error in tolerances: above 1 is a failure.</summary>
    public double Excess => double.IsFinite(Analytic) && double.IsFinite(Numeric)
        ? Math.Abs(Analytic - Numeric) / Tolerance
        : double.PositiveInfinity;

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Tensor}[{Index}]: backward pass {Analytic:g7}, differences {Numeric:g7}, tolerance {Tolerance:g3}");
}

/// <summary>Result for one tensor.</summary>
/// <param name="Tensor">Name of the parameter, or "input"; "... (added)" if the gradient was to be added to existing
/// values.</param>
/// <param name="Checked">Number of entries compared.</param>
/// <param name="Skipped">Entries left out because a kink was too near.</param>
/// <param name="Worst">The compared entry with the largest error in tolerances; null if none was compared.</param>
public sealed record TensorReport(string Tensor, int Checked, int Skipped, GradientEntry? Worst);

/// <summary>The outcome of a <see cref="GradientCheck"/>.</summary>
/// <param name="Subject">Name of what was checked.</param>
/// <param name="Tensors">One line for each tensor.</param>
/// <param name="LargestSkippedShare">Largest share of skipped entries that the options allow.</param>
public sealed record GradientReport(string Subject, IReadOnlyList<TensorReport> Tensors, double LargestSkippedShare)
{
    /// <summary>Entries compared.</summary>
    public int Checked => Tensors.Sum(tensor => tensor.Checked);

    /// <summary>Entries left out because a kink was too near.</summary>
    public int Skipped => Tensors.Sum(tensor => tensor.Skipped);

    /// <summary>The entry with the largest error in tolerances.</summary>
    public GradientEntry? Worst =>
        Tensors.Where(tensor => tensor.Worst is not null).MaxBy(tensor => tensor.Worst!.Value.Excess)?.Worst;

    /// <summary>True if every compared entry agrees and not too many were left out.</summary>
    public bool Passed => Failures.Count == 0;

    /// <summary>A line for each tensor that disagrees, and one if too much was left out.</summary>
    public IReadOnlyList<string> Failures
    {
        get
        {
            var lines = Tensors.Where(tensor => tensor.Worst is { Excess: > 1 })
                .Select(tensor => tensor.Worst!.Value.ToString()).ToList();
            if (Checked == 0 || Skipped > LargestSkippedShare * (Checked + Skipped))
            {
                lines.Add($"{Skipped} of {Checked + Skipped} entries had to be left out near kinks: too many to "
                    + $"believe the rest; use fewer pixels or a smaller step");
            }
            return lines;
        }
    }

    /// <summary>Throws if the check failed.</summary>
    /// <exception cref="EngineException">Lists the worst entry of each tensor that disagrees.</exception>
    public void ThrowIfFailed()
    {
        if (!Passed)
            throw new EngineException($"gradient check of '{Subject}' failed: {string.Join("; ", Failures)}");
    }
}
