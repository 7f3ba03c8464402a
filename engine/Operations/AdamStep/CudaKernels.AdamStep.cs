namespace Flixstock.Engine;

public sealed partial class CudaKernels
{
    private readonly KernelEntries _adamStep = new("adam_step", "adam_step");
    private readonly KernelEntries _adamAdvance = new("adam_step", "adam_advance");
    private readonly KernelEntries _lossScaleApply = new("adam_step", "loss_scale_apply");
    private readonly KernelEntries _lossScaleUpdate = new("adam_step", "loss_scale_update");

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

    public void ScaleLoss(ReadOnlyTensor lossScale, Tensor gradient)
    {
        var count = Packs(gradient.Count, fast: false, "a batch of logits");
        var arguments = new KernelArguments();
        arguments.Add(lossScale);
        arguments.Add(gradient);
        arguments.Add(count);
        Launch(_lossScaleApply, SweepShape(count, 1), ref arguments);
    }

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
