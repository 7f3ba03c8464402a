namespace Flixstock.Engine;

/// <summary>Blocks of pixels become channels: <see cref="IKernels.SpaceToDepthForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, [N, H, W, C] with H and W multiples of the block.</param>
/// <param name="block">Height and width of a block in pixels.</param>
public sealed class SpaceToDepthStep(string name, int input, int block) : FoldedStep(name, input)
{
    /// <summary>Extent of a block in pixels.</summary>
    public int Block { get; } = block;

    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => new(
        inputs[0].Batch, inputs[0].Height / Block, inputs[0].Width / Block, inputs[0].Channels * Block * Block);

    /// <inheritdoc />
    public override PixelGrid Grid(int input) => new((Block - 1) / 2.0, Block);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.SpaceToDepthForward(inputs[0], Block, output);
}
