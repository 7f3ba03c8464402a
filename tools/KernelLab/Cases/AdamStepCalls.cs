using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operations in <c>engine/Operations/AdamStep</c>.</summary>
internal sealed class AdamStepCalls : IOperationCalls
{
    private static readonly float[] FirstRow = [0, 0.1f, 1, 1, 0.5f, 0.5f];
    private static readonly float[] LaterRow = [1e-2f, 0.05f, 0.1f, 0.01f, 0.99f, 0.01f];
    private const int LaterRows = 63; // a call that is repeated takes the next one each time

    private const int MapUnit = 64; // gradients with one entry in the map

    public IEnumerable<KernelCall> All() => [.. Steps(), .. OfABody(), InSixteenBits(), .. LossScale()];

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
                var schedule = Schedule(bench);
                var (skip, step) = (Number(bench, skipped), Number(bench, 1));
                var options = new AdamOptions(0.999, 1e-8, 1e-2, shape.Count / 2);
                return kernels => kernels.AdamStep(
                    g, schedule, skip, ReadOnlyTensor.None, ReadOnlyTensor.None, options, default, step, p, m, v, e);
            });
        }
    }

    // Every other unit is of the body, which learns slower or not at all; with a limited gradient, Adam and AdamW.
    private static IEnumerable<KernelCall> OfABody()
    {
        foreach (var (decoupled, factor) in new[] { (false, 0.25), (true, 1.0), (true, 0.0) })
        {
            yield return new($"AdamStep decoupled={decoupled} body={factor}", (bench, shape) =>
            {
                var units = (int)(shape.Count / MapUnit) + 2;
                var (trained, all) = (new Shape(units * MapUnit), new Shape((units * MapUnit) + 5));
                var (g, p) = (bench.Random("g", trained), bench.Random("p", all));
                var (m, e) = (bench.Random("m", trained), bench.Random("e", all));
                var v = bench.Of("v", trained, Array.ConvertAll(CaseValues.Random(trained.Count, 9), Math.Abs));
                sbyte[] map = [.. Enumerable.Range(0, units + 1).Select(unit => (sbyte)(1 - (unit % 2)))];
                var body = bench.Backend.Device.FromHost<sbyte>(map, new Shape(map.Length), ElementType.Int8);
                var (schedule, clip) = (Schedule(bench), bench.Of("clip", new Shape(1), [0.125f]));
                var (skip, step) = (Number(bench, 0), Number(bench, 1));
                var options = new AdamOptions(0.999, 1e-8, 0.5, trained.Count / 2, decoupled, factor);
                return kernels =>
                    kernels.AdamStep(g, schedule, skip, clip, body, options, default, step, p, m, v, e);
            });
        }
    }

    // Every other unit of the gradients is of the activations' type; so is a copy of the parameters.
    private static KernelCall InSixteenBits() => new("AdamStep in 16 bits", (bench, shape) =>
    {
        var units = (int)(shape.Count / MapUnit) + 2;
        var (trained, all) = (new Shape(units * MapUnit), new Shape((units * MapUnit) + 5));
        var (g, p, m) = (bench.Random("g", trained), bench.Random("p", all), bench.Random("m", trained));
        var v = bench.Of("v", trained, Array.ConvertAll(CaseValues.Random(trained.Count, 9), Math.Abs));
        sbyte[] map = [.. Enumerable.Range(0, units).Select(unit => (sbyte)(unit % 2))];
        var low = new LowPrecisionStep(
            bench.Random("low g", new Shape(1, 1, 1, (int)trained.Count)),
            bench.Backend.Device.FromHost<sbyte>(map, new Shape(units), ElementType.Int8),
            bench.Of("scale", new Shape(1), [8]),
            bench.Unwritten("low p", new Shape(1, 1, 1, (int)all.Count)));
        var (schedule, skip, step) = (Schedule(bench), Number(bench, 0), Number(bench, 1));
        var options = new AdamOptions(0.999, 1e-8, 1e-2, trained.Count / 2);
        return kernels => kernels.AdamStep(
            g, schedule, skip, ReadOnlyTensor.None, ReadOnlyTensor.None, options, low, step, p, m, v, Tensor.None);
    }, OnProcessor: false); // which trains in single precision alone

    private static Tensor Schedule(KernelWorkbench bench)
    {
        float[] rows = [.. FirstRow, .. Enumerable.Repeat(LaterRow, LaterRows).SelectMany(row => row)];
        return bench.Of("schedule", new Shape(1 + LaterRows, AdamOptions.ScheduleColumns), rows);
    }

    private static IEnumerable<KernelCall> LossScale()
    {
        yield return new("ScaleLoss", (bench, shape) =>
        {
            var (scale, gradient) =
                (bench.Of("scale", new Shape(1), [1024]), bench.Random("gradient", shape.PerPicture()));
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
