using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void AdamStep(
        ReadOnlyTensor gradients, ReadOnlyTensor schedule, ReadOnlyTensor skip, ReadOnlyTensor clip,
        ReadOnlyTensor body, AdamOptions options, LowPrecisionStep low, Tensor step, Tensor parameters,
        Tensor firstMoment, Tensor secondMoment, Tensor average)
    {
        if (low.Gradients.Exists || low.LossScale.Exists || low.Parameters.Exists)
            throw new NotSupportedException("the CPU device trains in single precision only");
        if (*(int*)skip.Address != 0)
            return;
        var row = schedule.Pointer() + (long)AdamOptions.ScheduleColumns * (*(int*)step.Address)++;
        var work = new AdamWork(
            gradients.Pointer(), parameters.Pointer(), firstMoment.Pointer(), secondMoment.Pointer(),
            average.Exists ? average.Pointer() : null, body.Exists ? (sbyte*)body.Address : null, gradients.Count,
            parameters.Count, options.DecayedCount,
            new AdamConstants(row, clip.Exists ? *clip.Pointer() : 1, options));
        Workers.Run(ref work, ElementwiseChunks(parameters.Count));
    }

    public void ScaleLoss(ReadOnlyTensor lossScale, Tensor gradient)
    {
        foreach (ref var value in gradient.Floats())
            value *= *lossScale.Pointer();
    }

    public void UpdateLossScale(
        ReadOnlyTensor skip, int interval, float growth, float backoff, Tensor lossScale, Tensor goodSteps) =>
        LossScaleRule.Update(
            *(int*)skip.Address != 0, interval, growth, backoff, ref *lossScale.Pointer(),
            ref *(int*)goodSteps.Address);

    private readonly struct AdamConstants(float* row, float clip, AdamOptions options)
    {
        public readonly float Complement1 = row[1];
        public readonly float Beta1 = (float)(1 - (double)row[1]);
        public readonly float Beta2 = (float)options.Beta2;
        public readonly float Complement2 = (float)(1 - options.Beta2);
        public readonly float StepSize = (float)((double)row[0] / row[2]);
        public readonly float RootCorrection2 = (float)(1 / Math.Sqrt(row[3]));
        public readonly float Epsilon = (float)options.Epsilon;
        public readonly float WeightDecay = (float)options.CoupledDecay;
        public readonly float Shrink = (float)(row[0] * options.DecoupledDecay);
        public readonly float BodyFactor = (float)options.BodyFactor;
        public readonly float Clip = clip;
        public readonly float AverageDecay = row[4];
        public readonly float AverageComplement = row[5];
    }

    private readonly struct AdamWork(
        float* gradients, float* parameters, float* first, float* second, float* average, sbyte* body,
        long trained, long total, long decayed, AdamConstants constants) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var begin = (long)chunk * ElementwiseChunk;
            var end = Math.Min(total, begin + ElementwiseChunk);
            while (begin < end)
            {
                var isBody = IsBody(begin);
                var next = begin;
                do
                    next = Math.Min(end, next + (body == null ? ElementwiseChunk : AdamOptions.MapElements));
                while (next < end && IsBody(next) == isBody);
                if (!isBody || constants.BodyFactor != 0)
                    Update(begin, next, isBody ? constants.BodyFactor : 1);
                begin = next;
            }
        }

        private bool IsBody(long i) => body != null && body[i / AdamOptions.MapElements] != 0;

        private void Update(long begin, long end, float factor)
        {
            var decayedEnd = Math.Clamp(decayed, begin, end);
            var trainedEnd = Math.Clamp(trained, begin, end);
            Train(begin, decayedEnd, constants.WeightDecay, constants.Shrink, factor);
            Train(decayedEnd, trainedEnd, 0, 0, factor);
            if (average != null)
                Average(begin, end);
        }

        private void Train(long i, long end, float weightDecay, float shrink, float factor)
        {
            var c = constants;
            for (; i <= end - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                var p = Vector512.Load(parameters + i);
                var g = Vector512.Load(gradients + i) * c.Clip + p * weightDecay;
                var m = Vector512.Load(first + i) * c.Beta1 + g * c.Complement1;
                var v = Vector512.Load(second + i) * c.Beta2 + g * g * c.Complement2;
                m.Store(first + i);
                v.Store(second + i);
                var change = m * c.StepSize / (Vector512.Sqrt(v) * c.RootCorrection2 + Vector512.Create(c.Epsilon));
                (p - (p * shrink + change) * factor).Store(parameters + i);
            }
            for (; i < end; i++)
            {
                var g = gradients[i] * c.Clip + parameters[i] * weightDecay;
                first[i] = first[i] * c.Beta1 + g * c.Complement1;
                second[i] = second[i] * c.Beta2 + g * g * c.Complement2;
                var change = first[i] * c.StepSize / (MathF.Sqrt(second[i]) * c.RootCorrection2 + c.Epsilon);
                parameters[i] -= (parameters[i] * shrink + change) * factor;
            }
        }

        private void Average(long i, long end)
        {
            var (decay, complement) = (constants.AverageDecay, constants.AverageComplement);
            for (; i <= end - Vector512<float>.Count; i += Vector512<float>.Count)
                (Vector512.Load(average + i) * decay + Vector512.Load(parameters + i) * complement).Store(average + i);
            for (; i < end; i++)
                average[i] = average[i] * decay + parameters[i] * complement;
        }
    }
}
