namespace Flixstock.Engine;

/// <summary>
/// Blocks of pixels become channels: TResNet's first step, 4x4 pixels of RGB to 48 channels. Bytes are divided by 255
/// on the way.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
/// <param name="name">Name of the layer in messages.</param>
/// <param name="block">Extent of a block, 4 in TResNet.</param>
public sealed class SpaceToDepth(string name, int block) : Layer(name)
{
    /// <summary>Extent of a block.</summary>
    public int Block { get; } = block;

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) =>
        input.Rank == 4 && input.Height % Block == 0 && input.Width % Block == 0
            ? new Shape(input.Batch, input.Height / Block, input.Width / Block, Block * Block * input.Channels)
            : throw new ShapeException(Name, "input", input, $"[N, H, W, C] with H and W multiples of {Block}");

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var output = pass.TakeActivation(OutputShape(input.Shape));
        pass.Kernels.SpaceToDepthForward(input, Block, output);
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        if (inputGradient.Exists)
            pass.Kernels.SpaceToDepthBackward(outputGradient, Block, accumulate, inputGradient);
    }
}
