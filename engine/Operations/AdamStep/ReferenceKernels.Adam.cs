namespace Flixstock.Engine;

public sealed partial class ReferenceKernels
{
    public void AdamStep(
        ReadOnlyTensor gradients, ReadOnlyTensor schedule, ReadOnlyTensor skip, AdamOptions options,
        Tensor step, Tensor parameters, Tensor firstMoment, Tensor secondMoment, Tensor average)
    {
        if (skip.Elements<int>()[0] != 0)
            return;
        var row = schedule.Floats().Slice(4 * step.Elements<int>()[0]++, 4);
        var (rate, complement1, correction1, correction2) = ((double)row[0], (double)row[1], (double)row[2], (double)row[3]);
        var gradient = gradients.Floats();
        var p = parameters.Floats();
        var m = firstMoment.Floats();
        var v = secondMoment.Floats();
        for (var i = 0; i < gradient.Length; i++)
        {
            var g = gradient[i] + (i < options.DecayedCount ? options.WeightDecay * p[i] : 0);
            m[i] = (float)((1 - complement1) * m[i] + complement1 * g);
            v[i] = (float)(options.Beta2 * v[i] + (1 - options.Beta2) * g * g);
            p[i] = (float)(p[i] - rate / correction1 * m[i] / (Math.Sqrt(v[i]) / Math.Sqrt(correction2) + options.Epsilon));
        }
        if (!average.Exists)
            return;
        var e = average.Floats();
        for (var i = 0; i < p.Length; i++)
            e[i] = (float)(options.AverageDecay * e[i] + (1 - options.AverageDecay) * p[i]);
    }
}
