using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operations in <c>engine/Operations/AdamStep</c>.</summary>
internal sealed class AdamStepCalls : IOperationCalls
{
    private static readonly float[] FirstRow = [0, 0.1f, 1, 1, 0.5f, 0.5f];
    private static readonly float[] LaterRow = [1e-2f, 0.05f, 0.1f, 0.01f, 0.99f, 0.01f];
    private const int LaterRows = 63; // a call that is repeated takes the next one each time

    public IEnumerable<KernelCall> All() => [.. Steps(), .. LossScale()];

    private static IEnumerable<KernelCall> Steps()
    {
        foreach (var skipped in new[] { 0, 1 })
        {
            yield return new($"AdamStep skipped={skipped}", (bench, shape) =>
            {
                var (trained, all) = (new Shape((int)shape.Count), new Shape((int)shape.Count + 5));
                var (g, p) = (bench.Random("g", trained), bench.Random("p", all));
                var (m, e) = (bench.Random("m", trained), bench.Random("e", all));
                var v = bench.Of("v", trained, Array.ConvertAll(CaseValues.Random(trained.Count, 9), Math.Abs));
                float[] rows = [.. FirstRow, .. Enumerable.Repeat(LaterRow, LaterRows).SelectMany(row => row)];
                var schedule = bench.Of("schedule", new Shape(1 + LaterRows, AdamOptions.ScheduleColumns), rows);
                var (skip, step) = (Number(bench, skipped), Number(bench, 1));
                var options = new AdamOptions(0.999, 1e-8, 1e-2, shape.Count / 2);
                return kernels => kernels.AdamStep(g, schedule, skip, options, default, step, p, m, v, e);
            });
        }
    }

    private static IEnumerable<KernelCall> LossScale()
    {
        yield return new("ScaleLoss", (bench, shape) =>
        {
            var (scale, gradient) = (bench.Of("scale", new Shape(1), [1024]), bench.Random("gradient", shape.PerPicture()));
            return kernels => kernels.ScaleLoss(scale, gradient);
        });
        foreach (var (skipped, good) in new[] { (0, 0), (0, 1), (1, 1) })
        {
            yield return new($"UpdateLossScale skipped={skipped} good={good}", (bench, shape) =>
            {
                var (skip, goodSteps) = (Number(bench, skipped), Number(bench, good));
                var scale = bench.Of("scale", new Shape(1), [1024]);
                return kernels => kernels.UpdateLossScale(skip, 2, 2, 0.5f, scale, goodSteps);
            });
        }
    }

    private static Tensor Number(KernelWorkbench bench, int value) =>
        bench.Backend.Device.FromHost<int>([value], new Shape(1), ElementType.Int32);
}
