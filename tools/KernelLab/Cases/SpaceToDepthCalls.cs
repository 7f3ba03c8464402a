using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/SpaceToDepth</c>.</summary>
internal sealed class SpaceToDepthCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All() => [.. Forward(), .. Backward()];

    private static IEnumerable<KernelCall> Forward()
    {
        foreach (var block in new[] { 2, 4 })
        {
            yield return new($"SpaceToDepthForward block={block}", (bench, shape) =>
            {
                var x = bench.Random("x", Blocked(shape, block), single: true);
                var y = bench.Unwritten("y", Deep(shape, block));
                return kernels => kernels.SpaceToDepthForward(x, block, y);
            }, Tolerance: 0);
            yield return new($"SpaceToDepthForward of bytes block={block}", (bench, shape) =>
            {
                var source = Blocked(shape, block);
                var pixels = new byte[source.Count];
                new Random(3).NextBytes(pixels);
                var x = bench.Backend.Device.FromHost<byte>(pixels, source, ElementType.UInt8);
                var y = bench.Unwritten("y", Deep(shape, block));
                return kernels => kernels.SpaceToDepthForward(x, block, y);
            }, Tolerance: 0);
        }
    }

    private static IEnumerable<KernelCall> Backward()
    {
        foreach (var accumulate in new[] { false, true })
        {
            foreach (var block in new[] { 3, 4 })
            {
                yield return new($"SpaceToDepthBackward block={block} accumulate={accumulate}", (bench, shape) =>
                {
                    var dy = bench.Random("dy", Deep(shape, block));
                    var dx = bench.Destination(Blocked(shape, block), accumulate, single: true);
                    return kernels => kernels.SpaceToDepthBackward(dy, block, accumulate, dx);
                });
            }
        }
    }

    private static Shape Blocked(Shape shape, int block) =>
        new(shape.Batch, shape.Height * block, shape.Width * block, shape.Channels);

    private static Shape Deep(Shape shape, int block) =>
        new(shape.Batch, shape.Height, shape.Width, shape.Channels * block * block);
}
