namespace Flixstock.Engine;

/// <summary>Constants of the optimizer; the defaults are those of published runs.</summary>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">L2 into the gradient, for 2-D and 4-D weights only.</param>
/// <param name="AverageDecay">Decay of the weight average; 0 for none.</param>
/// <param name="AverageWarmup">
/// The average forgets its beginning faster at first: see <see cref="AverageSchedule"/>. Published runs do not.
/// </param>
public sealed record AdamSettings(
    double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 1e-4, double AverageDecay = 0.9997,
    bool AverageWarmup = false)
{
    /// <summary>The average's decay, update by update.</summary>
    public AverageSchedule Average => new(AverageDecay, AverageWarmup);
}
