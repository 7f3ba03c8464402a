namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _adamStep = new("adam_step", "adam_step");
    private readonly KernelEntries _adamAdvance = new("adam_step", "adam_advance");
    private readonly KernelEntries _lossScaleApply = new("adam_step", "loss_scale_apply");
    private readonly KernelEntries _lossScaleUpdate = new("adam_step", "loss_scale_update");

    public void AdamStep(
        ReadOnlyTensor gradients, ReadOnlyTensor schedule, ReadOnlyTensor skip, ReadOnlyTensor clip,
        ReadOnlyTensor body, AdamOptions options, LowPrecisionStep low, Tensor step, Tensor parameters,
        Tensor firstMoment, Tensor secondMoment, Tensor average)
    {
        var type = low.Parameters.Exists
            ? low.Parameters.Type
            : low.Gradients.Exists ? low.Gradients.Type : ElementType.Float32;
        var blocks = Math.Min(
            Divide(parameters.Count, SweepThreads), (long)_device.Multiprocessors * BlocksPerMultiprocessor);
        Launch(
            _adamStep, type, fast: true, LaunchShape.Linear(blocks, SweepThreads),
            gradients, low.Gradients, low.Map, schedule, skip, step, low.LossScale, clip, body, (float)options.Beta2,
            (float)(1 - options.Beta2), (float)options.Epsilon, (float)options.CoupledDecay,
            (float)options.DecoupledDecay, (float)options.BodyFactor, parameters, firstMoment, secondMoment, average,
            low.Parameters, options.DecayedCount, gradients.Count, parameters.Count);
        Launch(_adamAdvance, LaunchShape.Linear(1, 32), skip, step);
    }

    public void ScaleLoss(ReadOnlyTensor lossScale, Tensor gradient)
    {
        var count = Packs(gradient.Count, fast: false, "a batch of logits");
        Launch(_lossScaleApply, SweepShape(count, 1), lossScale, gradient, count);
    }

    public void UpdateLossScale(
        ReadOnlyTensor skip, int interval, float growth, float backoff, Tensor lossScale, Tensor goodSteps)
    {
        Launch(_lossScaleUpdate, LaunchShape.Linear(1, 32), skip, interval, growth, backoff, lossScale, goodSteps);
    }
}
