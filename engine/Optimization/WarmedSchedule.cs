namespace Flixstock.Engine;

/// <summary>How a <see cref="WarmedSchedule"/> goes on after its warm-up.</summary>
internal enum WarmedShape
{
    /// <summary>Stays.</summary>
    Constant,
    /// <summary>Falls to 0 along half a cosine.</summary>
    Cosine,
}

/// <summary>
/// A learning rate that rises in even steps during a warm-up (Goyal et al., "Accurate, Large Minibatch SGD", 2017) and
/// then stays, or falls along half a cosine without restarts (Loshchilov and Hutter, "SGDR", 2017): max / 2 * (1 +
/// cos(pi * s / S)) at step s of the S after the warm-up, from 0. Adam's beta1 is 0.9 throughout.
/// </summary>
/// <remarks>Threads: any number.</remarks>
internal sealed class WarmedSchedule : ILearningRateSchedule
{
    private const double Beta1 = 0.9;
    private readonly double _top;
    private readonly int _warmup;
    private readonly WarmedShape _shape;

    /// <summary>Plans a training of this many steps.</summary>
    /// <param name="shape">What comes after the warm-up.</param>
    /// <param name="maxLearningRate">The rate at the end of the warm-up.</param>
    /// <param name="warmup">Steps of the warm-up: step t of them, from 0, has the rate max * (t + 1) / warmup.</param>
    /// <param name="totalSteps">Steps of the whole training: epochs times steps per epoch.</param>
    /// <exception cref="InputException">The rate is not positive; not more steps than the warm-up has.</exception>
    public WarmedSchedule(WarmedShape shape, double maxLearningRate, int warmup, int totalSteps)
    {
        if (!(maxLearningRate > 0) || !double.IsFinite(maxLearningRate))
            throw new InputException($"the learning rate must be a positive number, not {maxLearningRate}");
        if (warmup < 0 || warmup >= totalSteps)
        {
            throw new InputException($"{Term.WarmupSteps} {warmup}: the training has {totalSteps} steps in all; "
                + $"give fewer than that");
        }
        (_shape, _top, _warmup, TotalSteps) = (shape, maxLearningRate, warmup, totalSteps);
    }

    /// <inheritdoc />
    public int TotalSteps { get; }

    /// <inheritdoc />
    public (double LearningRate, double Beta1) At(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, TotalSteps);
        if (step < _warmup)
            return (_top * (step + 1) / _warmup, Beta1);
        var part = (double)(step - _warmup) / (TotalSteps - _warmup);
        return (_shape == WarmedShape.Constant ? _top : _top / 2 * (1 + Math.Cos(Math.PI * part)), Beta1);
    }
}
