namespace Flixstock.Engine;

/// <summary>Constants of the optimizer; the defaults are those of published runs.</summary>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">
/// For 2-D and 4-D weights only; L2 into the gradient unless <paramref name="Decoupled"/>.
/// </param>
/// <param name="AverageDecay">Decay of the weight average; 0 for none.</param>
/// <param name="AverageWarmup">
/// The average forgets its beginning faster at first: see <see cref="AverageSchedule"/>. Published runs do not.
/// </param>
/// <param name="Decoupled">
/// True: AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019), where weight decay takes rate *
/// decay of a weight away and the moments do not see it.
/// </param>
/// <param name="GradientLimit">
/// The greatest norm of the whole gradient: a longer one is shortened to it. null: no limit.
/// </param>
/// <param name="BodyFactor">
/// Factor on the learning rate of a network's body; 0: it is frozen, its average too.
/// </param>
public sealed record AdamSettings(
    double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 1e-4, double AverageDecay = 0.9997,
    bool AverageWarmup = false, bool Decoupled = false, double? GradientLimit = null, double BodyFactor = 1)
{
    /// <summary>The average's decay, update by update.</summary>
    public AverageSchedule Average => new(AverageDecay, AverageWarmup);
}
