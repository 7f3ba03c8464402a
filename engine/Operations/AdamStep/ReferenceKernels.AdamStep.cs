namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void AdamStep(
        ReadOnlyTensor gradients, ReadOnlyTensor schedule, ReadOnlyTensor skip, ReadOnlyTensor clip,
        ReadOnlyTensor body, AdamOptions options, LowPrecisionStep low, Tensor step, Tensor parameters,
        Tensor firstMoment, Tensor secondMoment, Tensor average)
    {
        if (skip.Elements<int>()[0] != 0)
            return;
        var row = schedule.Floats()
            .Slice(AdamOptions.ScheduleColumns * step.Elements<int>()[0]++, AdamOptions.ScheduleColumns);
        var (rate, complement1, correction1, correction2) =
            ((double)row[0], (double)row[1], (double)row[2], (double)row[3]);
        var gradient = Combined(gradients, low);
        var scale = low.LossScale.Exists ? (double)low.LossScale.Floats()[0] : 1;
        var limited = clip.Exists ? (double)clip.Floats()[0] : 1;
        var p = parameters.Floats();
        var m = firstMoment.Floats();
        var v = secondMoment.Floats();
        for (var i = 0; i < gradient.Length; i++)
        {
            var factor = options.FactorOf(body, i);
            if (factor == 0)
                continue;
            var decays = i < options.DecayedCount;
            var g = gradient[i] / scale * limited + (decays ? options.CoupledDecay * p[i] : 0);
            m[i] = (float)((1 - complement1) * m[i] + complement1 * g);
            v[i] = (float)(options.Beta2 * v[i] + (1 - options.Beta2) * g * g);
            p[i] = (float)(p[i] - factor * ((decays ? rate * options.DecoupledDecay * p[i] : 0)
                + rate / correction1 * m[i] / (Math.Sqrt(v[i]) / Math.Sqrt(correction2) + options.Epsilon)));
        }
        if (low.Parameters.Exists)
            Copy(parameters, low.Parameters);
        if (!average.Exists)
            return;
        var e = average.Floats();
        for (var i = 0; i < p.Length; i++)
        {
            if (options.FactorOf(body, i) != 0)
                e[i] = (float)((double)row[4] * e[i] + (double)row[5] * p[i]);
        }
    }

    public void ScaleLoss(ReadOnlyTensor lossScale, Tensor gradient)
    {
        foreach (ref var value in gradient.Floats())
            value *= lossScale.Floats()[0];
    }

    public void UpdateLossScale(
        ReadOnlyTensor skip, int interval, float growth, float backoff, Tensor lossScale, Tensor goodSteps) =>
        LossScaleRule.Update(
            skip.Elements<int>()[0] != 0, interval, growth, backoff, ref lossScale.Floats()[0],
            ref goodSteps.Elements<int>()[0]);
}
