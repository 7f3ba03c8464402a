using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/SelectiveLoss</c>.</summary>
internal sealed class SelectiveLossCalls : IOperationCalls
{
    // expf, logf and powf are within 2 units each, and 1 - p near p = 1 magnifies p's rounding.
    private const double Tolerance = 2e-5;

    public IEnumerable<KernelCall> All()
    {
        yield return new("SelectiveLoss of logits that are not numbers", (bench, shape) =>
        {
            var pixels = shape.Logits(1);
            var values = CaseValues.Random(pixels.Count, 17, 2);
            (values[0], values[^1]) = (float.NaN, float.NaN);
            var logits = bench.Of("logits", pixels, values);
            var labels = Labels(bench, pixels);
            var (loss, gradient) = (bench.Unwritten("loss", new Shape(1)), bench.Random("gradient", pixels));
            // Every label has its term, whichever it is.
            var options = SelectiveLossOptions.Default with { Mode = PartialLossMode.Negative };
            return kernels => kernels.SelectiveLoss(
                logits, labels, Tensor.None, options, loss, gradient, Tensor.None);
        }, Tolerance);
        foreach (var mode in Enum.GetValues<PartialLossMode>())
        {
            // 70 classes a pixel: 33 x 31 pixels are more than one block selects.
            foreach (var classes in mode == PartialLossMode.Selective ? new[] { 1, 70 } : [1])
            {
                yield return new($"SelectiveLoss {mode} classes={classes}", (bench, shape) =>
                {
                    var logits = bench.Logits(shape.Logits(classes));
                    var (labels, prior) = (Labels(bench, logits.Shape), Prior(bench, logits.Shape.Channels));
                    var (loss, gradient) =
                        (bench.Unwritten("loss", new Shape(1)), bench.Unwritten("gradient", logits.Shape));
                    var weights = bench.Unwritten("weights", logits.Shape);
                    var options = SelectiveLossOptions.Default with
                    {
                        Mode = mode,
                        GammaNegative = 2.5f,
                        GammaPositive = 9,
                        Clip = 0.05f,
                    };
                    return kernels => kernels.SelectiveLoss(logits, labels, prior, options, loss, gradient, weights);
                }, Tolerance, OnProcessor: classes == 1); // 70 take seconds there
            }
        }
    }

    private static Tensor Prior(KernelWorkbench bench, int classes) =>
        bench.Of("prior", new Shape(classes), [.. Enumerable.Range(0, classes).Select(k => k % 3 / 2f)]);

    private static Tensor Labels(KernelWorkbench bench, Shape shape)
    {
        var random = new Random(5);
        sbyte[] labels = [.. Enumerable.Range(0, (int)shape.Count).Select(_ => (sbyte)random.Next(-1, 2))];
        return bench.Backend.Device.FromHost<sbyte>(labels, shape, ElementType.Int8);
    }
}
