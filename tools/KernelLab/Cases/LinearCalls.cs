using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>
/// Calls of the operation in <c>engine/Operations/Linear</c>. A row is a picture: [N, C] from the first and the last
/// extent.
/// </summary>
internal sealed class LinearCalls : IOperationCalls
{
    private const int Outputs = 21;

    public IEnumerable<KernelCall> All() => [.. Forward(), .. Backward(), .. OnGpu()];

    private static IEnumerable<KernelCall> Forward()
    {
        foreach (var outputs in new[] { 1, 21, 64 })
        {
            foreach (var kind in Enum.GetValues<ActivationKind>())
            {
                yield return new(
                    $"LinearForward outputs={outputs} {kind}",
                    (bench, shape) => Forward(bench, shape, outputs, kind),
                    CaseValues.LongSum);
            }
        }
    }

    private static IEnumerable<KernelCall> Backward()
    {
        foreach (var outputs in new[] { 1, 21, 64 })
        {
            foreach (var accumulate in new[] { false, true })
            {
                yield return new(
                    $"LinearBackwardData outputs={outputs} accumulate={accumulate}",
                    (bench, shape) => BackwardData(bench, shape, outputs, accumulate),
                    CaseValues.LongSum);
            }
            foreach (var bias in new[] { false, true })
            {
                yield return new(
                    $"LinearBackwardWeight outputs={outputs} bias={bias}",
                    (bench, shape) => BackwardWeight(bench, shape, outputs, bias),
                    CaseValues.LongSum);
            }
        }
    }

    private static IEnumerable<KernelCall> OnGpu()
    {
        foreach (var kind in Enum.GetValues<ActivationKind>())
            yield return OnGpu($"LinearForward {kind}", (bench, shape) => Forward(bench, shape, Outputs, kind));
        yield return OnGpu(
            "LinearBackwardData", (bench, shape) => BackwardData(bench, shape, Outputs, accumulate: false));
        yield return OnGpu("LinearBackwardWeight", (bench, shape) => BackwardWeight(bench, shape, Outputs, bias: true));
    }

    private static KernelCall OnGpu(string name, Func<KernelWorkbench, Shape, Action<IKernels>> prepare) =>
        new(name, prepare, CaseValues.SingleSum, OnProcessor: false);

    private static Action<IKernels> Forward(KernelWorkbench bench, Shape shape, int outputs, ActivationKind kind)
    {
        var (x, w) = (bench.Random("x", shape.PerPicture()), bench.Random("w", new Shape(outputs, shape.Channels)));
        var (bias, y) =
            (bench.Random("bias", new Shape(outputs)), bench.Unwritten("y", new Shape(shape.Batch, outputs)));
        return kernels => kernels.LinearForward(x, w, bias, kind, y);
    }

    private static Action<IKernels> BackwardData(KernelWorkbench bench, Shape shape, int outputs, bool accumulate)
    {
        var dy = bench.Random("dy", new Shape(shape.Batch, outputs));
        var w = bench.Random("w", new Shape(outputs, shape.Channels));
        var dx = bench.Destination(shape.PerPicture(), accumulate);
        return kernels => kernels.LinearBackwardData(dy, w, accumulate, dx);
    }

    private static Action<IKernels> BackwardWeight(KernelWorkbench bench, Shape shape, int outputs, bool bias)
    {
        var (x, dy) = (bench.Random("x", shape.PerPicture()), bench.Random("dy", new Shape(shape.Batch, outputs)));
        var dw = bench.Unwritten("dw", new Shape(outputs, shape.Channels));
        var db = bias ? bench.Unwritten("db", new Shape(outputs)) : Tensor.None;
        return kernels => kernels.LinearBackwardWeight(x, dy, dw, db);
    }
}
