using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/Dropout</c>.</summary>
internal sealed class DropoutCalls : IOperationCalls
{
    private const ulong Seed = 0x0123456789ABCDEF;

    public IEnumerable<KernelCall> All()
    {
        foreach (var accumulate in new[] { false, true })
        {
            foreach (var step in new int?[] { null, 7 })
            {
                yield return new($"Dropout accumulate={accumulate} step={step ?? 0}", (bench, shape) =>
                {
                    var rows = new Shape((int)shape.Pixels, shape.Channels);
                    var x = bench.Random("x", rows);
                    var position = step is { } number
                        ? bench.Backend.Device.FromHost<int>([1, number], new Shape(2), ElementType.Int32)
                        : Tensor.None;
                    var y = bench.Destination(rows, accumulate);
                    return kernels => kernels.Dropout(x, 0.3f, Seed, position, accumulate, y);
                });
            }
        }
    }
}
