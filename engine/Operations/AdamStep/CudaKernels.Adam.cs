namespace Flixstock.Engine;

/// <summary>What a step in 16 bits needs beside the flat single-precision buffers; each part may be missing.</summary>
/// <param name="Gradients">[T] Float16 or BFloat16, at the same places as in the single-precision gradients.</param>
/// <param name="Map">[T / 64] Int8: not 0 where the gradient lies in <paramref name="Gradients"/>.</param>
/// <param name="LossScale">[1], what the loss gradient was multiplied with.</param>
/// <param name="Parameters">[P] Float16 or BFloat16: becomes the rounded parameters.</param>
public readonly record struct LowPrecisionStep(ReadOnlyTensor Gradients, ReadOnlyTensor Map, ReadOnlyTensor LossScale, Tensor Parameters);

public sealed partial class CudaKernels
{
    private readonly KernelEntries _adamStep = new("adam_step", "adam_step");
    private readonly KernelEntries _adamAdvance = new("adam_step", "adam_advance");
    private readonly KernelEntries _lossScaleApply = new("adam_step", "loss_scale_apply");
    private readonly KernelEntries _lossScaleUpdate = new("adam_step", "loss_scale_update");

    public void AdamStep(
        ReadOnlyTensor gradients, ReadOnlyTensor schedule, ReadOnlyTensor skip, AdamOptions options,
        Tensor step, Tensor parameters, Tensor firstMoment, Tensor secondMoment, Tensor average) =>
        AdamStep(gradients, schedule, skip, options, default, step, parameters, firstMoment, secondMoment, average);

    /// <summary><see cref="IKernels.AdamStep"/> with gradients that a library wrote in 16 bits, a loss scale, and a 16-bit copy of the parameters.</summary>
    public void AdamStep(
        ReadOnlyTensor gradients, ReadOnlyTensor schedule, ReadOnlyTensor skip, AdamOptions options, LowPrecisionStep low,
        Tensor step, Tensor parameters, Tensor firstMoment, Tensor secondMoment, Tensor average)
    {
        var type = low.Parameters.Exists ? low.Parameters.Type : low.Gradients.Exists ? low.Gradients.Type : ElementType.Float32;
        var arguments = new KernelArguments();
        arguments.Add(gradients);
        arguments.Add(low.Gradients);
        arguments.Add(low.Map);
        arguments.Add(schedule);
        arguments.Add(skip);
        arguments.Add(step);
        arguments.Add(low.LossScale);
        arguments.Add((float)options.Beta2);
        arguments.Add((float)(1 - options.Beta2));
        arguments.Add((float)options.Epsilon);
        arguments.Add((float)options.WeightDecay);
        arguments.Add((float)options.AverageDecay);
        arguments.Add((float)(1 - options.AverageDecay));
        arguments.Add(parameters);
        arguments.Add(firstMoment);
        arguments.Add(secondMoment);
        arguments.Add(average);
        arguments.Add(low.Parameters);
        arguments.Add(options.DecayedCount);
        arguments.Add(gradients.Count);
        arguments.Add(parameters.Count);
        var blocks = Math.Min(Divide(parameters.Count, SweepThreads), (long)_device.Multiprocessors * BlocksPerMultiprocessor);
        Launch(_adamStep, type, fast: true, LaunchShape.Linear(blocks, SweepThreads), ref arguments);
        var advance = new KernelArguments();
        advance.Add(skip);
        advance.Add(step);
        Launch(_adamAdvance, LaunchShape.Linear(1, 32), ref advance);
    }

    /// <summary>In place: the loss gradient times the loss scale.</summary>
    /// <param name="lossScale">[1]</param>
    /// <param name="gradient">Float32.</param>
    public void ScaleLoss(ReadOnlyTensor lossScale, Tensor gradient)
    {
        var count = Packs(gradient.Count, fast: false, "a batch of logits");
        var arguments = new KernelArguments();
        arguments.Add(lossScale);
        arguments.Add(gradient);
        arguments.Add(count);
        Launch(_lossScaleApply, SweepShape(count, 1), ref arguments);
    }

    /// <summary>The next step's loss scale: multiplied by <paramref name="backoff"/> where the step was skipped, by <paramref name="growth"/> after enough good ones.</summary>
    /// <param name="skip">[1] Int32</param>
    /// <param name="interval">Good steps until the scale grows.</param>
    /// <param name="growth">2 in common practice.</param>
    /// <param name="backoff">0.5 in common practice.</param>
    /// <param name="lossScale">[1], in place, kept within 1 and 2^24.</param>
    /// <param name="goodSteps">[1] Int32, in place.</param>
    public void UpdateLossScale(ReadOnlyTensor skip, int interval, float growth, float backoff, Tensor lossScale, Tensor goodSteps)
    {
        var arguments = new KernelArguments();
        arguments.Add(skip);
        arguments.Add(interval);
        arguments.Add(growth);
        arguments.Add(backoff);
        arguments.Add(lossScale);
        arguments.Add(goodSteps);
        Launch(_lossScaleUpdate, LaunchShape.Linear(1, 32), ref arguments);
    }
}
