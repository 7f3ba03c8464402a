using Flixstock.Engine;

namespace Flixstock.KernelLab;

// Weights in the type of the activations and in single precision, outputs that fit 16-byte accesses where the inputs
// do.
internal sealed partial class ConvolutionCalls
{
    private static IEnumerable<KernelCall> OnGpu() =>
        new[] { (1, 1, 0), (3, 1, 1), (3, 2, 1), (1, 2, 0) }.SelectMany(
            entry => OnGpu(entry.Item1, entry.Item2, entry.Item3));

    private static IEnumerable<KernelCall> OnGpu(int window, int stride, int padding)
    {
        var (geometry, least) = (new ConvolutionGeometry(stride, padding), window - (2 * padding));
        var suffix = $"{window}x{window} stride={stride}";
        Shape Output(Shape shape) => Convolved(shape, geometry, window, Outputs(shape));
        Shape Filters(Shape shape) => Weight(shape, window, Outputs(shape));
        KernelCall Call(string name, Func<KernelWorkbench, Shape, Action<IKernels>> prepare) =>
            new(name, prepare, CaseValues.SingleSum, least, OnProcessor: false);

        yield return Call($"ConvolutionForward {suffix}", (bench, shape) =>
        {
            var (x, w) = (bench.Random("x", shape), bench.Random("w", Filters(shape)));
            var y = bench.Unwritten("y", Output(shape));
            return kernels => kernels.ConvolutionForward(x, w, geometry, y);
        });
        foreach (var accumulate in new[] { false, true })
        {
            yield return Call($"ConvolutionBackwardData {suffix} accumulate={accumulate}", (bench, shape) =>
            {
                var (dy, w) = (bench.Random("dy", Output(shape)), bench.Random("w", Filters(shape)));
                var dx = accumulate ? bench.Random("dx", shape) : bench.Unwritten("dx", shape);
                return kernels => kernels.ConvolutionBackwardData(dy, w, geometry, accumulate, dx);
            });
        }
        foreach (var single in new[] { false, true })
        {
            yield return Call($"ConvolutionBackwardWeight {suffix} single={single}", (bench, shape) =>
            {
                var (x, dy) = (bench.Random("x", shape), bench.Random("dy", Output(shape)));
                var dw = bench.Unwritten("dw", Filters(shape), single);
                return kernels => kernels.ConvolutionBackwardWeight(x, dy, geometry, dw);
            });
        }
        foreach (var residual in new[] { false, true })
        {
            yield return Call($"ConvolutionFolded {suffix} residual={residual}", (bench, shape) =>
            {
                var (x, w, output) = (bench.Random("x", shape), bench.Random("w", Filters(shape)), Output(shape));
                var (bias, y) = (bench.Random("bias", new Shape(output.Channels)), bench.Unwritten("y", output));
                ReadOnlyTensor added = residual ? bench.Random("residual", output) : ReadOnlyTensor.None;
                return kernels => kernels.ConvolutionFolded(x, w, bias, added, geometry, 0.01f, y);
            });
        }
    }

    private static int Outputs(Shape input) => input.Channels % 8 == 0 ? 24 : 5;
}
