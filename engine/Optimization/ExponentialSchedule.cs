namespace Flixstock.Engine;

/// <summary>A learning rate that grows by the same factor each step: that of a range test.</summary>
/// <remarks>Threads: any number.</remarks>
public sealed class ExponentialSchedule : ILearningRateSchedule
{
    private const double Beta1 = 0.9;
    private readonly double _from, _to;

    /// <summary>From one rate to another.</summary>
    /// <param name="from">The first step's rate, above 0.</param>
    /// <param name="to">The last step's rate, above <paramref name="from"/>.</param>
    /// <param name="totalSteps">Number of steps, at least 2.</param>
    /// <exception cref="InputException">The rates or the number of steps are out of range.</exception>
    public ExponentialSchedule(double from, double to, int totalSteps)
    {
        if (!(from > 0) || !(to > from) || !double.IsFinite(to))
            throw new InputException($"the learning rates must rise from above 0, not from {from} to {to}");
        if (totalSteps < 2)
            throw new InputException($"a range of learning rates needs at least two steps, not {totalSteps}");
        (_from, _to, TotalSteps) = (from, to, totalSteps);
    }

    /// <inheritdoc />
    public int TotalSteps { get; }

    /// <inheritdoc />
    public (double LearningRate, double Beta1) At(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, TotalSteps);
        return (_from * Math.Pow(_to / _from, (double)step / (TotalSteps - 1)), Beta1);
    }
}
