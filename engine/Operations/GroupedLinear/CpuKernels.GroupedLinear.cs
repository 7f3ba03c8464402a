namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    private const int TurnedWeightSlot = 0, GroupBiasSlot = 1;

    public void GroupedLinearForward(ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, Tensor output)
    {
        var (rows, width, outputs) = (output.Shape.Batch, weight.Shape[1], output.Shape.Channels);
        var kernel = new ProductKernel(
            GroupRows(input), GroupWeight(weight), GroupOutputs(output, weight.Shape[2]), inners: 1, rows, width,
            factor: 1);
        Groups(kernel, weight.Shape, ProductBlocks(rows), outputs);
        for (var n = 0; bias.Exists && n < rows; n++)
            AddRow(bias.Pointer(), output.Pointer() + (long)n * outputs, outputs);
    }

    // Registers lie along the input, so the weight is turned first: [G, F, D].
    public void GroupedLinearBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, bool accumulate, Tensor inputGradient)
    {
        var (groups, width, perGroup) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        var (rows, outputs) = (outputGradient.Shape.Batch, outputGradient.Shape.Channels);
        var turned = Turned(weight.Pointer(), groups, width, perGroup, TurnedWeightSlot);
        var work = new GroupDataWork(
            GroupOutputs(outputGradient, perGroup), new MatrixView(turned, (long)perGroup * width, 0, width, 1),
            GroupRows(inputGradient), rows, width, perGroup, outputs, accumulate);
        Workers.Run(ref work, groups * ProductBlocks(rows));
    }

    public void GroupedLinearBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var shape = weightGradient.Shape;
        var (width, perGroup) = (shape[1], shape[2]);
        var (rows, outputs) = (outputGradient.Shape.Batch, outputGradient.Shape.Channels);
        // What is cut off has no gradient.
        if (outputs < shape[0] * perGroup)
            Fill(0, weightGradient);
        var inputs = new MatrixView(input.Pointer(), width, 0, 1, (long)shape[0] * width);
        var kernel = new ProductKernel(
            inputs, GroupOutputs(outputGradient, perGroup), GroupWeight(weightGradient), inners: 1, width, rows,
            factor: 1);
        Groups(kernel, shape, ProductBlocks(width), outputs);
        if (!biasGradient.Exists)
            return;
        var totals = Scratch.Doubles(GroupBiasSlot, outputs);
        WideSums.Add(outputGradient.Pointer(), rows, outputs, totals);
        for (var j = 0; j < outputs; j++)
            biasGradient.Pointer()[j] = (float)totals[j];
    }

    // [N, G, D]: rows of a group.
    private static MatrixView GroupRows(ReadOnlyTensor tensor) =>
        new(tensor.Pointer(), tensor.Shape[2], 0, (long)tensor.Shape[1] * tensor.Shape[2], 1);

    // [G, D, F]
    private static MatrixView GroupWeight(ReadOnlyTensor weight) =>
        new(weight.Pointer(), (long)weight.Shape[1] * weight.Shape[2], 0, weight.Shape[2], 1);

    // [N, K]: columns of a group.
    private static MatrixView GroupOutputs(ReadOnlyTensor tensor, int perGroup) =>
        new(tensor.Pointer(), perGroup, 0, tensor.Shape[1], 1);

    private static int OutputsOf(int group, int perGroup, int outputs) =>
        (int)Math.Clamp(outputs - ((long)group * perGroup), 0, perGroup);

    // The product of each group, of blocks of rows, over the outputs that are not cut off.
    private void Groups(ProductKernel kernel, Shape weight, int blocks, int outputs)
    {
        var work = new GroupWork(kernel, blocks, weight[2], outputs);
        Workers.Run(ref work, weight[0] * blocks);
    }

    private static void AddRow(float* source, float* destination, int count)
    {
        for (var i = 0; i < count; i++)
            destination[i] += source[i];
    }

    private readonly struct GroupWork(ProductKernel kernel, int blocks, int perGroup, int outputs) : IChunkedWork
    {
        public void Execute(int chunk) =>
            new ChannelSweep<ProductKernel>(kernel, OutputsOf(chunk / blocks, perGroup, outputs)).Execute(chunk);
    }

    // The depth is that of the group: its outputs that are not cut off.
    private readonly struct GroupDataWork(
        MatrixView outputs, MatrixView weight, MatrixView inputs, int rows, int width, int perGroup, int count,
        bool accumulate) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var depth = OutputsOf(chunk / ProductBlocks(rows), perGroup, count);
            var kernel = new ProductKernel(outputs, weight, inputs, inners: 1, rows, depth, factor: 1, accumulate);
            new ChannelSweep<ProductKernel>(kernel, width).Execute(chunk);
        }
    }
}
