using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/GroupedSoftmaxLoss</c>.</summary>
internal sealed class GroupedSoftmaxLossCalls : IOperationCalls
{
    // expf and logf are within 2 units each, and 1 - p near p = 1 magnifies p's rounding.
    private const double Tolerance = 2e-5;

    public IEnumerable<KernelCall> All()
    {
        foreach (var (groups, smoothing) in new[] { (1, 0f), (3, 0f), (1, 0.25f), (3, 0.25f) })
        {
            var name = $"GroupedSoftmaxLoss groups={groups}{(smoothing > 0 ? " smoothed" : "")}";
            yield return new(name, (bench, shape) =>
            {
                var classes = Math.Max(groups, shape.Channels);
                var logits = bench.Logits(new Shape((int)shape.Pixels, classes));
                var labels = Labels(bench, logits.Shape);
                int[] firsts = [.. Enumerable.Range(0, groups), classes]; // the last attribute has all the rest
                var table = bench.Backend.Device.FromHost<int>(firsts, new Shape(firsts.Length), ElementType.Int32);
                var (loss, gradient) =
                    (bench.Unwritten("loss", new Shape(1)), bench.Unwritten("gradient", logits.Shape));
                return kernels => kernels.GroupedSoftmaxLoss(logits, labels, table, smoothing, loss, gradient);
            }, Tolerance);
        }
    }

    // A class of each picture, some known not to be there, nothing at all, and nothing but absent ones.
    private static Tensor Labels(KernelWorkbench bench, Shape shape)
    {
        var (random, classes) = (new Random(6), shape.Channels);
        var labels = new sbyte[shape.Count];
        for (var row = 0; row < shape.Batch; row++)
        {
            var own = labels.AsSpan(row * classes, classes);
            own.Fill((sbyte)(row % 4 is 0 or 3 ? 0 : -1));
            if (row % 4 == 0)
                own[random.Next(classes)] = 1;
            if (row % 4 == 1)
                own[random.Next(classes)] = 0;
        }
        return bench.Backend.Device.FromHost<sbyte>(labels, shape, ElementType.Int8);
    }
}
