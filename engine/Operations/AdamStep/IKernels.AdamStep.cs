namespace Flixstock.Engine;

/// <summary>
/// Constants of all steps. Doubles, because 1 - 0.999 rounded to single after the subtraction, not before, is 0.001.
/// </summary>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">
/// For the first <paramref name="DecayedCount"/> elements only.
/// </param>
/// <param name="DecayedCount">Number of elements with weight decay.</param>
/// <param name="Decoupled">
/// False: weight decay is L2 into the gradient (Adam). True: rate * decay * p is subtracted (AdamW).
/// </param>
/// <param name="BodyFactor">What the change of the body's elements is multiplied with; 0: they are not touched.</param>
public readonly record struct AdamOptions(
    double Beta2, double Epsilon, double WeightDecay, long DecayedCount, bool Decoupled = false, double BodyFactor = 1)
{
    /// <summary>Elements of one entry of the body's map.</summary>
    public const int MapElements = 64;

    /// <summary>L2 into the gradient.</summary>
    internal double CoupledDecay => Decoupled ? 0 : WeightDecay;

    /// <summary>Decay past the moments.</summary>
    internal double DecoupledDecay => Decoupled ? WeightDecay : 0;

    /// <summary>What an element's change is multiplied with.</summary>
    internal double FactorOf(ReadOnlyTensor body, long element) =>
        body.Exists && body.Elements<sbyte>()[(int)(element / MapElements)] != 0 ? BodyFactor : 1;

    /// <summary>Numbers in a row of the schedule's table.</summary>
    public const int ScheduleColumns = 6;
}

/// <summary>
/// What a step in 16 bits needs in addition to the flat single-precision buffers; each part may be missing.
/// </summary>
/// <param name="Gradients">[T] Float16 or BFloat16, at the same places as in the single-precision gradients.</param>
/// <param name="Map">[T / 64] Int8: not 0 if the gradient of these 64 elements lies in
/// <paramref name="Gradients"/>.</param>
/// <param name="LossScale">[1], what the loss gradient was multiplied with.</param>
/// <param name="Parameters">[P] Float16 or BFloat16: becomes the rounded parameters.</param>
/// <param name="LowCount">Number of gradients that lie in <paramref name="Gradients"/>.</param>
public readonly record struct LowPrecisionStep(
    ReadOnlyTensor Gradients, ReadOnlyTensor Map, ReadOnlyTensor LossScale, Tensor Parameters, long LowCount = 0)
    : IHoldsTensors
{
    // Of the two gradients only one is read at each place, and the single-precision one is counted already.
    long IHoldsTensors.Bytes => Parameters.Bytes
        - (Gradients.Exists ? LowCount * (ElementType.Float32.Size() - Gradients.Type.Size()) : 0);
}

public partial interface IKernels
{
    /// <summary>
    /// One optimizer step over the flat buffers, and the weight average in the same pass: e = decay * e + (1 - decay) *
    /// p. Row <c>step[0]</c> of the schedule holds learning rate, 1 - beta1 (rounded as such: beta1 near 1 would lose
    /// digits), 1 - beta1^t, 1 - beta2^t (t = row + 1), the average's decay and 1 - decay (rounded as such too);
    /// step[0] is then increased by one. If <paramref name="skip"/> is not 0, nothing changes, not even the step.
    /// </summary>
    /// <param name="gradients">[T]</param>
    /// <param name="schedule">[steps, <see cref="AdamOptions.ScheduleColumns"/>]</param>
    /// <param name="skip">[1] Int32, not 0 if this step's loss or gradient is not finite.</param>
    /// <param name="clip">
    /// [1], what the gradient is multiplied with: <see cref="GradientClip"/>; or <see cref="ReadOnlyTensor.None"/>.
    /// </param>
    /// <param name="body">
    /// [P / <see cref="AdamOptions.MapElements"/>] Int8, not 0 for elements of the body, whose change is multiplied
    /// with <see cref="AdamOptions.BodyFactor"/>; or <see cref="ReadOnlyTensor.None"/>.
    /// </param>
    /// <param name="options">Constants of all steps.</param>
    /// <param name="low">
    /// Gradients and parameters in 16 bits, and the loss scale; the default value in single precision.
    /// </param>
    /// <param name="step">[1] Int32, in place.</param>
    /// <param name="parameters">
    /// [P], P at least T: trained elements first, then running statistics, which are only averaged; in place.
    /// </param>
    /// <param name="firstMoment">[T], in place.</param>
    /// <param name="secondMoment">[T], in place.</param>
    /// <param name="average">[P], in place, or <see cref="Tensor.None"/>.</param>
    [Reads(nameof(parameters), nameof(firstMoment), nameof(secondMoment), nameof(average))]
    void AdamStep(
        ReadOnlyTensor gradients, ReadOnlyTensor schedule, ReadOnlyTensor skip, ReadOnlyTensor clip,
        ReadOnlyTensor body, AdamOptions options, LowPrecisionStep low, Tensor step, Tensor parameters,
        Tensor firstMoment, Tensor secondMoment, Tensor average);

    /// <summary>In place: the loss gradient times the loss scale.</summary>
    /// <param name="lossScale">[1]</param>
    /// <param name="gradient">The gradient, Float32.</param>
    [Reads(nameof(gradient))]
    void ScaleLoss(ReadOnlyTensor lossScale, Tensor gradient);

    /// <summary>
    /// The next step's loss scale: times <paramref name="backoff"/> if the step was skipped, times
    /// <paramref name="growth"/> after
    /// <paramref name="interval"/> good ones in a row.
    /// </summary>
    /// <param name="skip">[1] Int32</param>
    /// <param name="interval">Good steps until the scale grows.</param>
    /// <param name="growth">Factor after good steps, commonly 2.</param>
    /// <param name="backoff">Factor after a skipped step, commonly 0.5.</param>
    /// <param name="lossScale">[1], in place, kept within 1 and 2^24.</param>
    /// <param name="goodSteps">[1] Int32, in place.</param>
    void UpdateLossScale(
        ReadOnlyTensor skip, int interval, float growth, float backoff, Tensor lossScale, Tensor goodSteps);
}
