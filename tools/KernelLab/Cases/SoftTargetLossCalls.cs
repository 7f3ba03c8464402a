using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/SoftTargetLoss</c>.</summary>
internal sealed class SoftTargetLossCalls : IOperationCalls
{
    // expf and its kin are within 2 units each; a term near 0 is a difference.
    private const double Tolerance = 2e-5;

    public IEnumerable<KernelCall> All()
    {
        yield return new("SoftTargetLoss", (bench, shape) =>
        {
            var logits = bench.Random("logits", shape.Logits(), deviation: 4);
            float[] soft =
            [
                .. CaseValues.Random(logits.Count, 23).Select((value, i) => (i % 4) switch
                {
                    0 => -1f,
                    1 => 1,
                    2 => 0,
                    _ => Math.Clamp(Math.Abs(value), 0, 1),
                }),
            ];
            var targets = bench.Of("targets", logits.Shape, soft);
            var (loss, gradient) = (bench.Unwritten("loss", new Shape(1)), bench.Unwritten("gradient", logits.Shape));
            return kernels => kernels.SoftTargetLoss(logits, targets, loss, gradient);
        }, Tolerance);
    }
}
