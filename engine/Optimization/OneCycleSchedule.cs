namespace Flixstock.Engine;

/// <summary>
/// One cycle of the learning rate with Adam's beta1 cycling the other way (Smith, "Super-Convergence", 2018),
/// cosine-shaped: the rate rises from max / 25 during the first fifth of training and falls to max / 250000; beta1 goes
/// 0.95, 0.85, 0.95.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public sealed class OneCycleSchedule : ILearningRateSchedule
{
    private const double RisingPart = 0.2, InitialDivisor = 25, FinalDivisor = 1e4;
    private const double SlowBeta1 = 0.95, FastBeta1 = 0.85;
    private readonly double _top;

    /// <summary>
    /// Plans a training of this many steps. Up to 5 leave no room for the rise: 5 start at the top, for which published
    /// code divides by zero, fewer on the way down.
    /// </summary>
    /// <param name="maxLearningRate">The rate at the top.</param>
    /// <param name="totalSteps">Steps of the whole training: epochs times steps per epoch.</param>
    /// <exception cref="InputException">No steps; a rate that is not positive.</exception>
    public OneCycleSchedule(double maxLearningRate, int totalSteps)
    {
        if (!(maxLearningRate > 0) || !double.IsFinite(maxLearningRate))
            throw new InputException($"the learning rate must be a positive number, not {maxLearningRate}");
        if (totalSteps < 1)
            throw new InputException($"a training needs at least one step, not {totalSteps} total steps");
        _top = RisingPart * totalSteps - 1;
        MaxLearningRate = maxLearningRate;
        TotalSteps = totalSteps;
    }

    /// <summary>The rate at the top.</summary>
    public double MaxLearningRate { get; }

    /// <inheritdoc />
    public int TotalSteps { get; }

    /// <inheritdoc />
    public (double LearningRate, double Beta1) At(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, TotalSteps);
        var initial = MaxLearningRate / InitialDivisor;
        if (_top > 0 && step <= _top)
            return (Cosine(initial, MaxLearningRate, step / _top), Cosine(SlowBeta1, FastBeta1, step / _top));
        var fallen = (step - _top) / (TotalSteps - 1 - _top);
        return (Cosine(MaxLearningRate, initial / FinalDivisor, fallen), Cosine(FastBeta1, SlowBeta1, fallen));
    }

    private static double Cosine(double from, double to, double part) =>
        to + (from - to) / 2 * (1 + Math.Cos(Math.PI * part));
}
