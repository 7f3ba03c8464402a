using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>
/// Calls of the operation in <c>engine/Operations/Attention</c>. The pixels are the keys; of queries there are as many
/// as a picture is high, and two more.
/// </summary>
internal sealed class AttentionCalls : IOperationCalls
{
    // Scores of hundreds, whose exponentials no single holds: each is off by a step of its own size.
    private const float LargeDeviation = 100;
    private const double LargeTolerance = 5e-4;

    private static readonly int[] Heads = [1, 2, 8];

    public IEnumerable<KernelCall> All() =>
    [
        .. Heads.SelectMany(heads => Forward(heads).Concat(Backward(heads))),
        new(
            "AttentionWeightsForward large scores",
            (bench, shape) => Weights(bench, new Sizes(shape, heads: 1), LargeDeviation),
            LargeTolerance),
    ];

    private static IEnumerable<KernelCall> Forward(int heads)
    {
        yield return new(
            $"AttentionWeightsForward heads={heads}",
            (bench, shape) => Weights(bench, new Sizes(shape, heads), deviation: 1),
            CaseValues.SingleSum);
        yield return new($"AttentionValuesForward heads={heads}", (bench, shape) =>
        {
            var sizes = new Sizes(shape, heads);
            var p = bench.Random("p", sizes.Probabilities, single: true);
            var (v, y) = (sizes.Pixels(bench, "v"), sizes.Unwritten(bench, "y", sizes.L));
            return kernels => kernels.AttentionValuesForward(p, v, heads, y);
        }, CaseValues.LongSum);
    }

    private static IEnumerable<KernelCall> Backward(int heads)
    {
        foreach (var (first, second) in new[] { (true, true), (true, false), (false, true) })
        {
            yield return new($"AttentionWeightsBackward heads={heads} query={first} key={second}", (bench, shape) =>
            {
                var sizes = new Sizes(shape, heads);
                var (q, k) = (sizes.Queries(bench, "q"), sizes.Pixels(bench, "k"));
                var p = bench.Random("p", sizes.Probabilities, single: true);
                var dp = bench.Random("dp", sizes.Probabilities, single: true);
                var dq = first ? sizes.Unwritten(bench, "dq", sizes.L) : Tensor.None;
                var dk = second ? sizes.Unwritten(bench, "dk", sizes.S) : Tensor.None;
                return kernels => kernels.AttentionWeightsBackward(q, k, p, heads, dp, dq, dk);
            }, CaseValues.SingleSum);
            yield return new($"AttentionValuesBackward heads={heads} weights={first} value={second}", (bench, shape) =>
            {
                var sizes = new Sizes(shape, heads);
                var p = bench.Random("p", sizes.Probabilities, single: true);
                var (v, dy) = (sizes.Pixels(bench, "v"), sizes.Queries(bench, "dy"));
                var dp = first ? bench.Unwritten("dp", sizes.Probabilities, single: true) : Tensor.None;
                var dv = second ? sizes.Unwritten(bench, "dv", sizes.S) : Tensor.None;
                return kernels => kernels.AttentionValuesBackward(p, v, dy, heads, dp, dv);
            }, CaseValues.LongSum);
        }
    }

    private static Action<IKernels> Weights(KernelWorkbench bench, Sizes sizes, float deviation)
    {
        var (q, k) = (sizes.Queries(bench, "q", deviation), sizes.Pixels(bench, "k"));
        var p = bench.Unwritten("p", sizes.Probabilities, single: true);
        return kernels => kernels.AttentionWeightsForward(q, k, sizes.Heads, p);
    }

    // The bench makes activations of rank 4 alone.
    private sealed class Sizes(Shape shape, int heads)
    {
        public int Heads => heads;

        public int L { get; } = shape.Height + 2;

        public int S { get; } = shape.PixelsPerPicture;

        public Shape Probabilities => new(shape.Batch, heads, L, S);

        private int Width => shape.Channels * heads;

        public Tensor Queries(KernelWorkbench bench, string name, float deviation = 1) =>
            Flat(bench.Random(name, new Shape(shape.Batch, L, 1, Width), deviation));

        public Tensor Pixels(KernelWorkbench bench, string name) =>
            Flat(bench.Random(name, new Shape(shape.Batch, S, 1, Width)));

        public Tensor Unwritten(KernelWorkbench bench, string name, int rows) =>
            Flat(bench.Unwritten(name, new Shape(shape.Batch, rows, 1, Width)));

        private static Tensor Flat(Tensor tensor) =>
            tensor.Reshape(new Shape(tensor.Shape[0], tensor.Shape[1], tensor.Shape[3]));
    }
}
