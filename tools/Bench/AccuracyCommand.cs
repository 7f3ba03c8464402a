using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>
/// The rounding errors of convolutions on the processor, directly and by Winograd's filtering, against sums in double
/// precision, and what becomes of a network's scores.
/// </summary>
internal static class AccuracyCommand
{
    private const int Pictures = 2, Size = 224;

    // The 3x3 convolutions of TResNet-M at 224.
    private static readonly (int Extent, int Inputs, int Outputs)[] Layers =
    [
        (56, 48, 64), (56, 64, 64), (56, 64, 128), (28, 128, 128), (28, 256, 256), (14, 256, 256),
    ];

    public static Command Create(TextWriter output)
    {
        var command = new Command("accuracy", "Rounding errors of the processor's convolutions, and of scores.");
        command.SetAction(_ =>
        {
            using var reference = Backend.Reference();
            using var direct = Backend.Cpu(0, exact: true);
            using var fast = Backend.Cpu();
            output.WriteLine("| convolution | call | direct | Winograd | ratio |\n| --- | --- | ---: | ---: | ---: |");
            foreach (var (extent, inputs, outputs) in Layers)
            {
                foreach (var (name, call) in Calls(extent, inputs, outputs))
                {
                    var expected = call(reference);
                    var (exact, filtered) = (Error(call(direct), expected), Error(call(fast), expected));
                    output.WriteLine($"| {inputs} -> {outputs}, {extent} x {extent} | {name} | {exact:0.0e0} | "
                        + $"{filtered:0.0e0} | {filtered / exact:0.0} |");
                }
            }
            output.WriteLine("\n| network | largest score | largest difference of a score |\n| --- | ---: | ---: |");
            foreach (var name in NetworkCatalog.VariantNames)
            {
                var (exact, filtered) = (Scores(direct, name), Scores(fast, name));
                output.WriteLine($"| {name} | {exact.Max(MathF.Abs):0.000} | "
                    + $"{exact.Zip(filtered, (a, b) => MathF.Abs(a - b)).Max():0.0e0} |");
            }
            return 0;
        });
        return command;
    }

    private static IEnumerable<(string Name, Func<Backend, float[]> Call)> Calls(int extent, int inputs, int outputs)
    {
        var same = new ConvolutionGeometry(Stride: 1, Padding: 1);
        var (x, y) = (new Shape(Pictures, extent, extent, inputs), new Shape(Pictures, extent, extent, outputs));
        var w = new Shape(outputs, 3, 3, inputs);
        Func<Backend, float[]> Of(Shape result, Action<Backend, Tensor> call) => backend =>
        {
            var tensor = backend.Device.Allocate(result);
            call(backend, tensor);
            return backend.Device.ToHost<float>(tensor);
        };
        // Activations of a ReLU and filters as they are initialised.
        Tensor X(Backend backend) => Noise(backend, x, 1, deviation: 1, rectified: true);
        Tensor W(Backend backend) => Noise(backend, w, 2, Math.Sqrt(2.0 / (9 * outputs)), rectified: false);
        Tensor Dy(Backend backend) => Noise(backend, y, 3, deviation: 1, rectified: false);
        yield return ("forward", Of(y, (backend, to) =>
            backend.Kernels.ConvolutionForward(X(backend), W(backend), same, to)));
        yield return ("data gradient", Of(x, (backend, to) =>
            backend.Kernels.ConvolutionBackwardData(Dy(backend), W(backend), same, accumulate: false, to)));
        yield return ("weight gradient", Of(w, (backend, to) =>
            backend.Kernels.ConvolutionBackwardWeight(X(backend), Dy(backend), same, to)));
    }

    private static Tensor Noise(Backend backend, Shape shape, ulong seed, double deviation, bool rectified)
    {
        var random = new SeededRandom(seed);
        var values = new float[shape.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = (float)(random.NextGaussian() * deviation);
            values[i] = rectified ? Math.Max(0, value) : value;
        }
        return backend.Device.FromHost<float>(values, shape);
    }

    // The root of the mean square, in relation to that of the results.
    private static double Error(float[] actual, float[] expected) => Math.Sqrt(
        actual.Zip(expected, (a, e) => ((double)a - e) * ((double)a - e)).Sum()
        / expected.Sum(value => (double)value * value));

    private static float[] Scores(Backend backend, string name)
    {
        using var network = NetworkCatalog.Describe(name, 21).Create(backend);
        network.Initialize(1);
        using var folded = new FoldedNetwork(network);
        var random = new SeededRandom(7);
        var pixels = Enumerable.Range(0, Size * Size * 3).Select(_ => (byte)random.Next(256)).ToArray();
        var scores = new float[21];
        folded.Run(pixels, 1, Size, Size, scores);
        return scores;
    }
}
