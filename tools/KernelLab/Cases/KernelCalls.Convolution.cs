using Flixstock.Engine;

namespace Flixstock.KernelLab;

internal static partial class KernelCalls
{
    // Single-precision sums of up to 1000 normal products (9 taps of 131 inputs, or as many pixels): the error grows with the root of their number.
    private const double LongSum = 5e-6;

    // 37 outputs fit no register and no tile, 5 less than any.
    private static readonly (int Kernel, int Stride, int Padding, int Outputs)[] Windows =
    [
        (1, 1, 0, 37), (1, 1, 0, 5), (3, 1, 1, 37), (3, 2, 1, 5), (1, 2, 0, 37), (2, 1, 0, 5), (5, 3, 2, 5),
    ];

    private static IEnumerable<KernelCall> Convolutions()
    {
        foreach (var window in Windows)
        {
            var (kernel, stride, padding, outputs) = window;
            var name = $"{kernel}x{kernel} stride={stride} padding={padding} outputs={outputs}";
            var (geometry, least) = (new ConvolutionGeometry(stride, padding), Math.Max(1, kernel - (2 * padding)));
            yield return new($"ConvolutionForward {name}", (bench, shape) =>
            {
                var (x, w) = (bench.Random("x", shape), bench.Random("w", new Shape(outputs, kernel, kernel, shape.Channels)));
                var y = bench.Unwritten("y", Convolved(shape, geometry, kernel, outputs));
                return kernels => kernels.ConvolutionForward(x, w, geometry, y);
            }, LongSum, least);
            foreach (var accumulate in new[] { false, true })
            {
                yield return new($"ConvolutionBackwardData {name} accumulate={accumulate}", (bench, shape) =>
                {
                    var dy = bench.Random("dy", Convolved(shape, geometry, kernel, outputs));
                    var w = bench.Random("w", new Shape(outputs, kernel, kernel, shape.Channels));
                    var dx = Destination(bench, shape, accumulate);
                    return kernels => kernels.ConvolutionBackwardData(dy, w, geometry, accumulate, dx);
                }, LongSum, least);
            }
            yield return new($"ConvolutionBackwardWeight {name}", (bench, shape) =>
            {
                var (x, dy) = (bench.Random("x", shape), bench.Random("dy", Convolved(shape, geometry, kernel, outputs)));
                var dw = bench.Unwritten("dw", new Shape(outputs, kernel, kernel, shape.Channels));
                return kernels => kernels.ConvolutionBackwardWeight(x, dy, geometry, dw);
            }, LongSum, least);
        }
        foreach (var residual in new[] { false, true })
        {
            foreach (var slope in new[] { 0f, 0.01f, 1f })
            {
                yield return new($"ConvolutionFolded residual={residual} slope={slope}", (bench, shape) =>
                {
                    var geometry = new ConvolutionGeometry(Stride: 1, Padding: 1);
                    var (x, w, bias) = (bench.Random("x", shape), bench.Random("w", new Shape(37, 3, 3, shape.Channels)), bench.Random("bias", new Shape(37)));
                    var output = Convolved(shape, geometry, 3, 37);
                    ReadOnlyTensor added = residual ? bench.Random("residual", output) : ReadOnlyTensor.None;
                    var y = bench.Unwritten("y", output);
                    return kernels => kernels.ConvolutionFolded(x, w, bias, added, geometry, slope, y);
                }, LongSum);
            }
        }
    }

    // A row is a picture: [N, C] from the first and the last extent.
    private static IEnumerable<KernelCall> Linears()
    {
        foreach (var outputs in new[] { 1, 21, 64 })
        {
            foreach (var kind in Enum.GetValues<ActivationKind>())
            {
                yield return new($"LinearForward outputs={outputs} {kind}", (bench, shape) =>
                {
                    var (x, w, bias) = (bench.Random("x", PerPicture(shape)), bench.Random("w", new Shape(outputs, shape.Channels)), bench.Random("bias", new Shape(outputs)));
                    var y = bench.Unwritten("y", new Shape(shape.Batch, outputs));
                    return kernels => kernels.LinearForward(x, w, bias, kind, y);
                }, LongSum);
            }
            foreach (var accumulate in new[] { false, true })
            {
                yield return new($"LinearBackwardData outputs={outputs} accumulate={accumulate}", (bench, shape) =>
                {
                    var (dy, w) = (bench.Random("dy", new Shape(shape.Batch, outputs)), bench.Random("w", new Shape(outputs, shape.Channels)));
                    var dx = Destination(bench, PerPicture(shape), accumulate);
                    return kernels => kernels.LinearBackwardData(dy, w, accumulate, dx);
                }, LongSum);
            }
            foreach (var bias in new[] { false, true })
            {
                yield return new($"LinearBackwardWeight outputs={outputs} bias={bias}", (bench, shape) =>
                {
                    var (x, dy) = (bench.Random("x", PerPicture(shape)), bench.Random("dy", new Shape(shape.Batch, outputs)));
                    var dw = bench.Unwritten("dw", new Shape(outputs, shape.Channels));
                    var db = bias ? bench.Unwritten("db", new Shape(outputs)) : Tensor.None;
                    return kernels => kernels.LinearBackwardWeight(x, dy, dw, db);
                }, LongSum);
            }
        }
    }

    private static Shape Convolved(Shape shape, ConvolutionGeometry geometry, int kernel, int outputs) =>
        new(shape.Batch, geometry.Output(shape.Height, kernel), geometry.Output(shape.Width, kernel), outputs);
}
