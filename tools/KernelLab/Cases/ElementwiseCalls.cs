using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/Elementwise</c>.</summary>
internal sealed class ElementwiseCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All()
    {
        yield return new("Fill", (bench, shape) =>
        {
            var x = bench.Unwritten("x", shape);
            return kernels => kernels.Fill(0.5f, x);
        });
        yield return new("Add", (bench, shape) =>
        {
            var (x, y) = (bench.Random("x", shape), bench.Random("y", shape));
            return kernels => kernels.Add(x, y);
        });
        yield return new("Repeat", (bench, shape) =>
        {
            var x = bench.Random("x", new Shape(shape.PixelsPerPicture, shape.Channels));
            var y = bench.Unwritten("y", new Shape(shape.Batch, shape.PixelsPerPicture, shape.Channels));
            return kernels => kernels.Repeat(x, y);
        });
        foreach (var (from, to) in new[] { (false, false), (true, false), (false, true) })
        {
            yield return new($"Copy fromSingle={from} toSingle={to}", (bench, shape) =>
            {
                var (x, y) = (bench.Random("x", shape, single: from), bench.Unwritten("y", shape, to));
                return kernels => kernels.Copy(x, y);
            });
        }
    }
}
