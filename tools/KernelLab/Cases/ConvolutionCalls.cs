using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/Convolution</c>.</summary>
internal sealed partial class ConvolutionCalls : IOperationCalls
{
    // 37 outputs fit no register and no tile, 5 less than any.
    private static readonly (int Kernel, int Stride, int Padding, int Outputs)[] Windows =
    [
        (1, 1, 0, 37), (1, 1, 0, 5), (3, 1, 1, 37), (3, 2, 1, 5), (1, 2, 0, 37), (2, 1, 0, 5), (5, 3, 2, 5),
    ];

    public IEnumerable<KernelCall> All() => [.. Windows.SelectMany(OfWindow), .. Folded(), .. OnGpu()];

    private static IEnumerable<KernelCall> OfWindow((int Kernel, int Stride, int Padding, int Outputs) window)
    {
        var (kernel, stride, padding, outputs) = window;
        var name = $"{kernel}x{kernel} stride={stride} padding={padding} outputs={outputs}";
        var (geometry, least) = (new ConvolutionGeometry(stride, padding), Math.Max(1, kernel - (2 * padding)));
        yield return new($"ConvolutionForward {name}", (bench, shape) =>
        {
            var (x, w) = (bench.Random("x", shape), bench.Random("w", Weight(shape, kernel, outputs)));
            var y = bench.Unwritten("y", Convolved(shape, geometry, kernel, outputs));
            return kernels => kernels.ConvolutionForward(x, w, geometry, y);
        }, CaseValues.LongSum, least);
        foreach (var accumulate in new[] { false, true })
        {
            yield return new($"ConvolutionBackwardData {name} accumulate={accumulate}", (bench, shape) =>
            {
                var dy = bench.Random("dy", Convolved(shape, geometry, kernel, outputs));
                var (w, dx) = (bench.Random("w", Weight(shape, kernel, outputs)), bench.Destination(shape, accumulate));
                return kernels => kernels.ConvolutionBackwardData(dy, w, geometry, accumulate, dx);
            }, CaseValues.LongSum, least);
        }
        yield return new($"ConvolutionBackwardWeight {name}", (bench, shape) =>
        {
            var (x, dy) = (bench.Random("x", shape), bench.Random("dy", Convolved(shape, geometry, kernel, outputs)));
            var dw = bench.Unwritten("dw", Weight(shape, kernel, outputs));
            return kernels => kernels.ConvolutionBackwardWeight(x, dy, geometry, dw);
        }, CaseValues.LongSum, least);
        // Next to nothing, and waited for.
        yield return new($"ConvolutionBackwardWeightAside, JoinAside {name}", (bench, shape) =>
        {
            var (x, dy) = (bench.Random("x", shape), bench.Random("dy", Convolved(shape, geometry, kernel, outputs)));
            var dw = bench.Unwritten("dw", Weight(shape, kernel, outputs));
            return kernels =>
            {
                kernels.ConvolutionBackwardWeightAside(x, dy, geometry, dw);
                kernels.JoinAside();
            };
        }, CaseValues.LongSum, least);
    }

    private static IEnumerable<KernelCall> Folded()
    {
        foreach (var residual in new[] { false, true })
        {
            foreach (var slope in new[] { 0f, 0.01f, 1f })
            {
                yield return new($"ConvolutionFolded residual={residual} slope={slope}", (bench, shape) =>
                {
                    var geometry = new ConvolutionGeometry(Stride: 1, Padding: 1);
                    var (x, w) = (bench.Random("x", shape), bench.Random("w", Weight(shape, 3, 37)));
                    var (bias, output) = (bench.Random("bias", new Shape(37)), Convolved(shape, geometry, 3, 37));
                    ReadOnlyTensor added = residual ? bench.Random("residual", output) : ReadOnlyTensor.None;
                    var y = bench.Unwritten("y", output);
                    return kernels => kernels.ConvolutionFolded(x, w, bias, added, geometry, slope, y);
                }, CaseValues.LongSum);
            }
        }
    }

    private static Shape Weight(Shape input, int kernel, int outputs) => new(outputs, kernel, kernel, input.Channels);

    private static Shape Convolved(Shape shape, ConvolutionGeometry geometry, int kernel, int outputs) =>
        new(shape.Batch, geometry.Output(shape.Height, kernel), geometry.Output(shape.Width, kernel), outputs);
}
