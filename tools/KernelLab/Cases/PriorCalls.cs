using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/Prior</c>.</summary>
internal sealed class PriorCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All() =>
    [
        new("PriorAccumulate", (bench, shape) =>
        {
            var (logits, sums) = (bench.Logits(shape.Logits()), bench.Random("sums", new Shape(shape.Channels)));
            return kernels => kernels.PriorAccumulate(logits, sums);
        }),
    ];
}
