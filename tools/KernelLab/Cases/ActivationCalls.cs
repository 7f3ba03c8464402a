using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/Activation</c>.</summary>
internal sealed class ActivationCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All()
    {
        foreach (var kind in Enum.GetValues<ActivationKind>())
        {
            foreach (var inPlace in new[] { false, true })
            {
                yield return new($"ActivationForward {kind} inPlace={inPlace}", (bench, shape) =>
                {
                    var x = bench.Random("x", shape, deviation: 10);
                    var y = inPlace ? x : bench.Unwritten("y", shape);
                    return kernels => kernels.ActivationForward(x, kind, y);
                });
            }
            yield return new($"ActivationBackward {kind}", (bench, shape) =>
            {
                var (y, dy) = (bench.Random("y", shape), bench.Random("dy", shape));
                return kernels => kernels.ActivationBackward(y, kind, dy);
            });
        }
    }
}
