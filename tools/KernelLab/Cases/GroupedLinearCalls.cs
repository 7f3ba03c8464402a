using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>
/// Calls of the operation in <c>engine/Operations/GroupedLinear</c>. The rows of a picture are its groups' vectors,
/// whose width is the number of channels.
/// </summary>
internal sealed class GroupedLinearCalls : IOperationCalls
{
    // Outputs of a group, and how many of all are cut off: none, some of the last group, and all of several groups.
    private static readonly (int PerGroup, int Cut)[] Outputs = [(1, 0), (3, 2), (40, 45), (17, 0)];

    public IEnumerable<KernelCall> All() => Outputs.SelectMany(outputs => Of(outputs.PerGroup, outputs.Cut));

    private static IEnumerable<KernelCall> Of(int perGroup, int cut)
    {
        foreach (var bias in new[] { false, true })
        {
            yield return new(
                $"GroupedLinearForward perGroup={perGroup} bias={bias}",
                (bench, shape) =>
                {
                    var sizes = new Sizes(shape, perGroup, cut);
                    var (x, w) = (bench.Random("x", sizes.Input), bench.Random("w", sizes.Weight));
                    var b = bias ? bench.Random("bias", sizes.Bias) : Tensor.None;
                    var y = bench.Unwritten("y", sizes.Output);
                    return kernels => kernels.GroupedLinearForward(x, w, b, y);
                },
                CaseValues.LongSum);
            yield return new(
                $"GroupedLinearBackwardWeight perGroup={perGroup} bias={bias}",
                (bench, shape) =>
                {
                    var sizes = new Sizes(shape, perGroup, cut);
                    var (x, dy) = (bench.Random("x", sizes.Input), bench.Random("dy", sizes.Output));
                    var dw = bench.Unwritten("dw", sizes.Weight);
                    var db = bias ? bench.Unwritten("db", sizes.Bias) : Tensor.None;
                    return kernels => kernels.GroupedLinearBackwardWeight(x, dy, dw, db);
                },
                CaseValues.LongSum);
        }
        foreach (var accumulate in new[] { false, true })
        {
            yield return new(
                $"GroupedLinearBackwardData perGroup={perGroup} accumulate={accumulate}",
                (bench, shape) =>
                {
                    var sizes = new Sizes(shape, perGroup, cut);
                    var (dy, w) = (bench.Random("dy", sizes.Output), bench.Random("w", sizes.Weight));
                    var dx = bench.Destination(sizes.Input, accumulate);
                    return kernels => kernels.GroupedLinearBackwardData(dy, w, accumulate, dx);
                },
                CaseValues.LongSum);
        }
    }

    // As many pictures as a shape's pixels in all, because a picture of a classifier has one row a group.
    private sealed class Sizes(Shape shape, int perGroup, int cut)
    {
        private int Pictures => shape.Batch * shape.Width;

        private int Groups => shape.Height;

        public Shape Input => new(Pictures, Groups, shape.Channels);

        public Shape Weight => new(Groups, shape.Channels, perGroup);

        public Shape Output => new(Pictures, Bias[0]);

        public Shape Bias => new(Math.Max(1, Groups * perGroup - cut));
    }
}
