using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operations that KernelCalls leaves out, as any backend takes them: convolutions, linear layers, losses, elements, the optimizer.</summary>
internal static class CudaCalls
{
    // Sums of a few hundred products in single precision, against doubles.
    private const double ProductTolerance = 1e-5;

    // expf, logf and powf are within 2 units each, and 1 - p near p = 1 magnifies p's rounding.
    private const double LossTolerance = 2e-5;

    public static IEnumerable<KernelCall> All() => [.. Convolutions(), .. Linears(), .. Losses(), .. Elements(), .. Optimizer()];

    private static IEnumerable<KernelCall> Convolutions()
    {
        foreach (var (window, stride, padding) in new[] { (1, 1, 0), (3, 1, 1), (3, 2, 1), (1, 2, 0) })
        {
            var geometry = new ConvolutionGeometry(stride, padding);
            var least = window - 2 * padding;
            var suffix = $"{window}x{window} stride={stride}";
            yield return new($"ConvolutionForward {suffix}", (bench, shape) =>
            {
                var (x, w) = (bench.Random("x", shape), bench.Random("w", Weight(shape, window)));
                var y = bench.Unwritten("y", Output(shape, geometry, window));
                return kernels => kernels.ConvolutionForward(x, w, geometry, y);
            }, ProductTolerance, least);
            foreach (var accumulate in new[] { false, true })
            {
                yield return new($"ConvolutionBackwardData {suffix} accumulate={accumulate}", (bench, shape) =>
                {
                    var (dy, w) = (bench.Random("dy", Output(shape, geometry, window)), bench.Random("w", Weight(shape, window)));
                    var dx = accumulate ? bench.Random("dx", shape) : bench.Unwritten("dx", shape);
                    return kernels => kernels.ConvolutionBackwardData(dy, w, geometry, accumulate, dx);
                }, ProductTolerance, least);
            }
            foreach (var single in new[] { false, true })
            {
                yield return new($"ConvolutionBackwardWeight {suffix} single={single}", (bench, shape) =>
                {
                    var (x, dy) = (bench.Random("x", shape), bench.Random("dy", Output(shape, geometry, window)));
                    var dw = bench.Unwritten("dw", Weight(shape, window), single);
                    return kernels => kernels.ConvolutionBackwardWeight(x, dy, geometry, dw);
                }, ProductTolerance, least);
            }
            foreach (var residual in new[] { false, true })
            {
                yield return new($"ConvolutionFolded {suffix} residual={residual}", (bench, shape) =>
                {
                    var (x, w, y) = (bench.Random("x", shape), bench.Random("w", Weight(shape, window)), Output(shape, geometry, window));
                    var (bias, destination) = (bench.Random("bias", new Shape(y.Channels)), bench.Unwritten("y", y));
                    ReadOnlyTensor other = residual ? bench.Random("residual", y) : ReadOnlyTensor.None;
                    return kernels => kernels.ConvolutionFolded(x, w, bias, other, geometry, 0.01f, destination);
                }, ProductTolerance, least);
            }
        }
    }

    private static IEnumerable<KernelCall> Linears()
    {
        foreach (var kind in Enum.GetValues<ActivationKind>())
        {
            yield return new($"LinearForward {kind}", (bench, shape) =>
            {
                var (x, w, b) = (bench.Random("x", Vectors(shape)), bench.Random("w", new Shape(21, shape.Channels)), bench.Random("b", new Shape(21)));
                var y = bench.Unwritten("y", new Shape(shape.Batch, 21));
                return kernels => kernels.LinearForward(x, w, b, kind, y);
            }, ProductTolerance);
        }
        yield return new("LinearBackwardData", (bench, shape) =>
        {
            var (dy, w) = (bench.Random("dy", new Shape(shape.Batch, 21)), bench.Random("w", new Shape(21, shape.Channels)));
            var dx = bench.Unwritten("dx", Vectors(shape));
            return kernels => kernels.LinearBackwardData(dy, w, accumulate: false, dx);
        }, ProductTolerance);
        yield return new("LinearBackwardWeight", (bench, shape) =>
        {
            var (x, dy) = (bench.Random("x", Vectors(shape)), bench.Random("dy", new Shape(shape.Batch, 21)));
            var (dw, db) = (bench.Unwritten("dw", new Shape(21, shape.Channels)), bench.Unwritten("db", new Shape(21)));
            return kernels => kernels.LinearBackwardWeight(x, dy, dw, db);
        }, ProductTolerance);
    }

    private static IEnumerable<KernelCall> Losses()
    {
        foreach (var mode in Enum.GetValues<PartialLossMode>())
        {
            // 70 classes a pixel: 33 x 31 pixels are more than one block selects.
            foreach (var classes in mode == PartialLossMode.Selective ? new[] { 1, 70 } : [1])
            {
                yield return new($"SelectiveLoss {mode} classes={classes}", (bench, shape) =>
                {
                    var logits = Logits(bench, new Shape((int)shape.Pixels, shape.Channels * classes));
                    var labels = Labels(bench, logits.Shape);
                    var prior = bench.Of("prior", new Shape(logits.Shape.Channels), [.. Enumerable.Range(0, logits.Shape.Channels).Select(k => k % 3 / 2f)]);
                    var (loss, gradient, weights) = (bench.Unwritten("loss", new Shape(1)), bench.Unwritten("gradient", logits.Shape), bench.Unwritten("weights", logits.Shape));
                    var options = SelectiveLossOptions.Default with { Mode = mode, GammaNegative = 2.5f, GammaPositive = 9, Clip = 0.05f };
                    return kernels => kernels.SelectiveLoss(logits, labels, prior, options, loss, gradient, weights);
                }, LossTolerance);
            }
        }
        foreach (var groups in new[] { 1, 3 })
        {
            yield return new($"GroupedSoftmaxLoss groups={groups}", (bench, shape) =>
            {
                var classes = Math.Max(groups, shape.Channels);
                var logits = Logits(bench, new Shape((int)shape.Pixels, classes));
                var labels = GroupedLabels(bench, logits.Shape);
                int[] firsts = [.. Enumerable.Range(0, groups), classes]; // the last attribute has all the rest
                var table = bench.Backend.Device.FromHost<int>(firsts, new Shape(firsts.Length), ElementType.Int32);
                var (loss, gradient) = (bench.Unwritten("loss", new Shape(1)), bench.Unwritten("gradient", logits.Shape));
                return kernels => kernels.GroupedSoftmaxLoss(logits, labels, table, loss, gradient);
            }, LossTolerance);
        }
        yield return new("PriorAccumulate", (bench, shape) =>
        {
            var (logits, sums) = (Logits(bench, new Shape((int)shape.Pixels, shape.Channels)), bench.Random("sums", new Shape(shape.Channels)));
            return kernels => kernels.PriorAccumulate(logits, sums);
        });
    }

    private static IEnumerable<KernelCall> Elements()
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
        foreach (var (from, to) in new[] { (false, false), (true, false), (false, true) })
        {
            yield return new($"Copy fromSingle={from} toSingle={to}", (bench, shape) =>
            {
                var (x, y) = (bench.Random("x", shape, single: from), bench.Unwritten("y", shape, to));
                return kernels => kernels.Copy(x, y);
            });
        }
        foreach (var bad in new[] { 0, float.NaN, float.NegativeInfinity })
        {
            yield return new($"FiniteCheck {bad}", (bench, shape) =>
            {
                var values = new float[shape.Count];
                values[^1] = bad;
                var (x, flag) = (bench.Of("x", shape, values), bench.Of("flag", new Shape(1), [0]));
                return kernels => kernels.FiniteCheck(x, new Tensor(flag.Address, flag.Shape, ElementType.Int32));
            });
        }
    }

    private static IEnumerable<KernelCall> Optimizer()
    {
        foreach (var skipped in new[] { 0, 1 })
        {
            yield return new($"AdamStep skipped={skipped}", (bench, shape) =>
            {
                var (trained, all) = (new Shape((int)shape.Count), new Shape((int)shape.Count + 5));
                var device = bench.Backend.Device;
                var (g, p, m, e) = (bench.Random("g", trained), bench.Random("p", all), bench.Random("m", trained), bench.Random("e", all));
                var v = bench.Of("v", trained, Array.ConvertAll(CaseValues.Random(trained.Count, 9), Math.Abs));
                var schedule = bench.Of("schedule", new Shape(2, 6), [0, 0.1f, 1, 1, 0.5f, 0.5f, 1e-2f, 0.05f, 0.1f, 0.01f, 0.99f, 0.01f]);
                var (skip, step) = (device.FromHost<int>([skipped], new Shape(1), ElementType.Int32), device.FromHost<int>([1], new Shape(1), ElementType.Int32));
                var options = new AdamOptions(0.999, 1e-8, 1e-2, shape.Count / 2);
                return kernels => kernels.AdamStep(g, schedule, skip, options, default, step, p, m, v, e);
            });
        }
    }

    // In steps of 1/4, so that many tie.
    private static Tensor Logits(KernelWorkbench bench, Shape shape) =>
        bench.Of("logits", shape, Array.ConvertAll(CaseValues.Random(shape.Count, 17, 2), value => MathF.Round(4 * value) / 4));

    private static Tensor Labels(KernelWorkbench bench, Shape shape)
    {
        var random = new Random(5);
        sbyte[] labels = [.. Enumerable.Range(0, (int)shape.Count).Select(_ => (sbyte)random.Next(-1, 2))];
        return bench.Backend.Device.FromHost<sbyte>(labels, shape, ElementType.Int8);
    }

    // A class of each picture, some known not to be there, nothing at all, and nothing but absent ones.
    private static Tensor GroupedLabels(KernelWorkbench bench, Shape shape)
    {
        var (random, classes) = (new Random(6), shape.Channels);
        var labels = new sbyte[shape.Count];
        for (var row = 0; row < shape.Batch; row++)
        {
            var own = labels.AsSpan(row * classes, classes);
            own.Fill((sbyte)(row % 4 is 0 or 3 ? 0 : -1));
            if (row % 4 == 0)
                own[random.Next(classes)] = 1;
            if (row % 4 == 1)
                own[random.Next(classes)] = 0;
        }
        return bench.Backend.Device.FromHost<sbyte>(labels, shape, ElementType.Int8);
    }

    private static Shape Vectors(Shape shape) => new(shape.Batch, shape.Channels);

    private static Shape Weight(Shape input, int window) => new(input.Channels % 8 == 0 ? 24 : 5, window, window, input.Channels);

    private static Shape Output(Shape input, ConvolutionGeometry geometry, int window) =>
        new(input.Batch, geometry.Output(input.Height, window), geometry.Output(input.Width, window), Weight(input, window).Batch);
}
