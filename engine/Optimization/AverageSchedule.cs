namespace Flixstock.Engine;

/// <summary>
/// How much of itself the weight average keeps at every update: e = d * e + (1 - d) * p. Without warm-up d is the same
/// throughout, and an average with a decay of 0.9997 still holds 91 % of the random weights that it began with after
/// 300 updates. With warm-up d is min(decay, (1 + t) / (10 + t)), t the updates finished before: the average covers
/// about the last tenth of the training until the decay is reached, which for 0.9997 takes 30 000 updates.
/// </summary>
/// <param name="Decay">d in the long run, between 0 and 1.</param>
/// <param name="Warmup">True for a smaller decay at first.</param>
public readonly record struct AverageSchedule(double Decay, bool Warmup)
{
    /// <summary>d of an update.</summary>
    /// <param name="update">Updates finished before, from 0.</param>
    public double At(long update) => Warmup ? Math.Min(Decay, (1.0 + update) / (10.0 + update)) : Decay;
}
