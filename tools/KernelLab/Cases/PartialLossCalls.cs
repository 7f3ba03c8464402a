using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/PartialLoss</c>.</summary>
internal sealed class PartialLossCalls : IOperationCalls
{
    // expf, logf and their kin are within 2 units each.
    private const double Tolerance = 2e-5;

    public IEnumerable<KernelCall> All()
    {
        foreach (var kind in Enum.GetValues<PartialLossKind>())
        {
            yield return Call($"PartialLoss {kind}", kind, classes: 1, epoch: 3);
            if (kind is PartialLossKind.Splc or PartialLossKind.LargeLossR or PartialLossKind.LargeLossCp)
                yield return Call($"PartialLoss {kind} in the first epoch", kind, classes: 1, epoch: 1);
        }

        // 70 classes a pixel: 33 x 31 pixels are more than one block selects.
        var many = Call("PartialLoss LargeLossCt classes=70", PartialLossKind.LargeLossCt, classes: 70, epoch: 3);
        yield return many with { OnProcessor = false }; // takes seconds there
        yield return new("PartialLoss of logits that are not numbers", (bench, shape) =>
        {
            var pixels = shape.Logits(1);
            var values = CaseValues.Random(pixels.Count, 17, 2);
            (values[0], values[^1]) = (float.NaN, float.NaN);
            var (logits, labels) = (bench.Of("logits", pixels, values), Labels(bench, pixels));
            var (loss, gradient) = (bench.Unwritten("loss", new Shape(1)), bench.Random("gradient", pixels));
            var options = new PartialLossOptions(PartialLossKind.Hill);
            return kernels => kernels.PartialLoss(logits, labels, Tensor.None, options, loss, gradient);
        }, Tolerance);
    }

    private static KernelCall Call(string name, PartialLossKind kind, int classes, int epoch) => new(
        name,
        (bench, shape) =>
        {
            var logits = bench.Logits(shape.Logits(classes));
            var labels = kind == PartialLossKind.EmApl ? Targets(bench, logits.Shape) : Labels(bench, logits.Shape);
            var position = bench.Backend.Device.FromHost<int>([epoch, 7], new Shape(2), ElementType.Int32);
            var (loss, gradient) = (bench.Unwritten("loss", new Shape(1)), bench.Unwritten("gradient", logits.Shape));
            var options = new PartialLossOptions(kind) { Gamma = 1.5f, Q2 = 0.3f, Q3 = 0.7f, Epochs = 4, Rate = 9 };
            return kernels => kernels.PartialLoss(logits, labels, position, options, loss, gradient);
        },
        Tolerance);

    // A third is unknown, a third known, the rest lies between.
    private static Tensor Targets(KernelWorkbench bench, Shape shape)
    {
        var random = new Random(6);
        float[] targets =
        [
            .. Enumerable.Range(0, (int)shape.Count).Select(_ => random.Next(3) switch
            {
                0 => -1f,
                1 => random.Next(2),
                _ => random.NextSingle(),
            }),
        ];
        return bench.Of("targets", shape, targets);
    }

    private static Tensor Labels(KernelWorkbench bench, Shape shape)
    {
        var random = new Random(5);
        sbyte[] labels = [.. Enumerable.Range(0, (int)shape.Count).Select(_ => (sbyte)random.Next(-1, 2))];
        return bench.Backend.Device.FromHost<sbyte>(labels, shape, ElementType.Int8);
    }
}
