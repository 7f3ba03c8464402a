using Flixstock.Engine;
using Bits = Flixstock.Tests.Same;

namespace Flixstock.Tests.Operations;

/// <summary>
/// Winograd's filtering on the processor: the reference kernels' results, and a picture's bits whatever the batch and
/// the threads.
/// </summary>
public sealed class WinogradTests
{
    private static readonly ConvolutionGeometry Same = new(Stride: 1, Padding: 1);

    // Whole tiles, and tiles of which one, two or three rows and columns lie in the picture; channels of several blocks
    // at any width of register, and such as fill none.
    private static IEnumerable<Shape> Inputs() =>
    [
        new(2, 12, 12, 32), new(1, 13, 14, 64), new(3, 15, 17, 32), new(1, 28, 12, 96), new(2, 14, 14, 35),
        new(1, 16, 13, 83),
    ];

    [TestCaseSource(nameof(Inputs))]
    public void EveryCallAgreesWithTheReference(Shape input)
    {
        foreach (var outputs in new[] { 32, 64, 51 })
        {
            var data = new Case(input, outputs);
            using var reference = Backend.Reference();
            using var cpu = Backend.Cpu(2);
            foreach (var (name, call) in data.Calls())
            {
                var (expected, actual) = (call(reference), call(cpu));
                TestTensors.AssertClose(actual, expected, 3e-6 * TestTensors.Largest(expected), $"{input} {name}");
            }
            var (wanted, gradient) = (data.WeightGradient(reference), data.WeightGradient(cpu));
            TestTensors.AssertClose(gradient, wanted, 3e-6 * TestTensors.Largest(wanted), $"{input} weight gradient");
            using var exact = Backend.Cpu(2, exact: true);
            Assert.That(data.WeightGradient(exact), Bits.Not(gradient));
        }
    }

    [Test]
    public void APicturesBitsAreTheSameAloneAndInAnyBatchAndWithAnyThreads()
    {
        const int Pictures = 8;
        var all = new Case(new Shape(Pictures, 14, 15, 64), 32);
        foreach (var (index, (name, call)) in all.Calls().Index())
        {
            using var one = Backend.Cpu(1);
            var together = call(one);
            // Two threads take groups of tiles each, five share the steps of a group.
            foreach (var threads in new[] { 2, 5 })
            {
                using var several = Backend.Cpu(threads);
                Assert.That(call(several), Bits.As(together), $"{name}: other bits with {threads} threads");
            }
            foreach (var size in new[] { 1, 3 })
            {
                for (var first = 0; first + size <= Pictures; first += size)
                {
                    var part = all.Pictures(first, size).Calls().ElementAt(index).Call(one);
                    var from = part.Length / size * first;
                    Assert.That(part, Bits.As(together[from..(from + part.Length)]), $"{name}: {size} pictures");
                }
            }
        }
    }

    [Test]
    public void TheWeightGradientsBitsDoNotDependOnThreads()
    {
        // More tiles than are summed at a time.
        var data = new Case(new Shape(9, 20, 21, 64), 96);
        using var one = Backend.Cpu(1);
        using var three = Backend.Cpu(3);
        using var reference = Backend.Reference();
        using var exact = Backend.Cpu(2, exact: true);
        var (actual, expected) = (data.WeightGradient(one), data.WeightGradient(reference));
        Assert.That(data.WeightGradient(three), Bits.As(actual));
        Assert.That(Error(actual, expected), Is.LessThan(6 * Error(data.WeightGradient(exact), expected)));
    }

    [Test]
    public void AKeptWeightGivesTheSameBits()
    {
        var data = new Case(new Shape(2, 13, 12, 32), 64);
        using var backend = Backend.Cpu(2);
        var expected = data.Folded(backend, keep: false);
        Assert.That(data.Folded(backend, keep: true), Bits.As(expected));
    }

    [Test]
    public void ExactKernelsConvolveDirectly()
    {
        var data = new Case(new Shape(1, 16, 16, 32), 32);
        using var exact = Backend.Cpu(2, exact: true);
        using var usual = Backend.Cpu(2);
        using var reference = Backend.Reference();
        foreach (var (name, call) in data.Calls())
        {
            var (direct, filtered, expected) = (call(exact), call(usual), call(reference));
            Assert.That(direct, Bits.Not(filtered), $"{name}: the case is one for Winograd's filtering");
            TestTensors.AssertClose(direct, expected, 1e-6 * TestTensors.Largest(expected), name);
        }
    }

    [Test]
    public void ErrorsAreAtMostThreeTimesThoseOfTheDirectSum([Values(32, 128, 256)] int channels)
    {
        var data = new Case(new Shape(1, 16, 16, channels), 32);
        using var exact = Backend.Cpu(2, exact: true);
        using var usual = Backend.Cpu(2);
        using var reference = Backend.Reference();
        foreach (var (name, call) in data.Calls().Where(one => one.Name is "forward" or "data gradient"))
        {
            var expected = call(reference);
            Assert.That(Error(call(usual), expected), Is.LessThan(3 * Error(call(exact), expected)), name);
        }
    }

    // The mean square; the reference sums in double precision and rounds once.
    private static double Error(float[] actual, float[] expected) =>
        Math.Sqrt(actual.Zip(expected, (a, e) => ((double)a - e) * ((double)a - e)).Average());

    private sealed class Case
    {
        private readonly Shape _input, _output, _weight;
        private readonly float[] _x, _dy, _w, _bias;

        public Case(Shape input, int outputs)
        {
            (_input, _output) = (input, new Shape(input.Batch, input.Height, input.Width, outputs));
            _weight = new Shape(outputs, 3, 3, input.Channels);
            (_x, _dy) = (TestTensors.Random(_input.Count, 1), TestTensors.Random(_output.Count, 2));
            (_w, _bias) = (TestTensors.Random(_weight.Count, 3), TestTensors.Random(outputs, 4));
        }

        private Case(Case whole, int first, int count)
        {
            (_input, _output, _weight) = (Part(whole._input, count), Part(whole._output, count), whole._weight);
            (_x, _dy, _w, _bias) = (Part(whole._x, whole._input, first, count),
                Part(whole._dy, whole._output, first, count), whole._w, whole._bias);
        }

        public Case Pictures(int first, int count) => new(this, first, count);

        public IEnumerable<(string Name, Func<Backend, float[]> Call)> Calls() =>
        [
            ("forward", backend => Run(backend, _output, null, (kernels, y) =>
                kernels.ConvolutionForward(Put(backend, _x, _input), Put(backend, _w, _weight), Same, y))),
            ("data gradient", backend => Run(backend, _input, null, (kernels, dx) =>
                kernels.ConvolutionBackwardData(
                    Put(backend, _dy, _output), Put(backend, _w, _weight), Same, accumulate: false, dx))),
            ("added data gradient", backend => Run(backend, _input, _x, (kernels, dx) =>
                kernels.ConvolutionBackwardData(
                    Put(backend, _dy, _output), Put(backend, _w, _weight), Same, accumulate: true, dx))),
            ("folded", backend => Folded(backend, keep: false)),
        ];

        public float[] WeightGradient(Backend backend) => Run(backend, _weight, null, (kernels, dw) =>
            kernels.ConvolutionBackwardWeight(Put(backend, _x, _input), Put(backend, _dy, _output), Same, dw));

        public float[] Folded(Backend backend, bool keep) => Run(backend, _output, null, (kernels, y) =>
        {
            var weight = Put(backend, _w, _weight);
            if (keep)
                kernels.KeepWeight(weight);
            kernels.ConvolutionFolded(
                Put(backend, _x, _input), weight, Put(backend, _bias, new Shape(_bias.Length)),
                Put(backend, _dy, _output), Same, 0.01f, y);
            if (keep)
                kernels.ReleaseWeight(weight);
        });

        private static float[] Run(Backend backend, Shape shape, float[]? before, Action<IKernels, Tensor> call)
        {
            var result = Put(backend, before ?? TestTensors.Random(shape.Count, 9), shape);
            call(backend.Kernels, result);
            return backend.Device.ToHost<float>(result);
        }

        private static Tensor Put(Backend backend, float[] values, Shape shape) =>
            backend.Device.FromHost<float>(values, shape);

        private static Shape Part(Shape shape, int count) => new(count, shape.Height, shape.Width, shape.Channels);

        private static float[] Part(float[] values, Shape shape, int first, int count)
        {
            var size = values.Length / shape.Batch;
            return values[(first * size)..((first + count) * size)];
        }
    }
}
