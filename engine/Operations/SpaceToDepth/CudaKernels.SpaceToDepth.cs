namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _spaceToDepthBytes = new("space_to_depth", "space_to_depth_bytes");
    private readonly KernelEntries _spaceToDepthFloats = new("space_to_depth", "space_to_depth_floats");
    private readonly KernelEntries _spaceToDepthBackward = new("space_to_depth", "space_to_depth_backward");

    public void SpaceToDepthForward(ReadOnlyTensor input, int block, Tensor output)
    {
        var y = output.Shape;
        var fast = IsFast(y.Channels, output.Address);
        if (input.Type == ElementType.UInt8)
        {
            var packs = Packs(output.Count, fast, "a batch of pictures");
            Launch(
                _spaceToDepthBytes, output.Type, fast, SweepShape(packs, 1),
                input, block, output, packs, input.Shape.Width, input.Shape.Channels);
            return;
        }
        if (input.Type != ElementType.Float32)
            throw new EngineException($"pictures are UInt8 or Float32, not {input.Type}");
        Launch(
            _spaceToDepthFloats, output.Type, fast,
            RowShape((long)y.Width * Groups(y.Channels, fast), (long)y.Batch * y.Height),
            input, block, output, y.Batch * y.Height, input.Shape.Width, input.Shape.Channels);
    }

    public void SpaceToDepthBackward(ReadOnlyTensor outputGradient, int block, bool accumulate, Tensor inputGradient)
    {
        if (inputGradient.Type != ElementType.Float32)
            throw new EngineException($"the gradient of pictures is Float32, not {inputGradient.Type}");
        var dy = outputGradient.Shape;
        var fast = IsFast(dy.Channels, outputGradient.Address);
        Launch(
            _spaceToDepthBackward, outputGradient.Type, fast,
            RowShape((long)dy.Width * Groups(dy.Channels, fast), (long)dy.Batch * dy.Height),
            outputGradient, block, accumulate, inputGradient, dy.Batch * dy.Height, inputGradient.Shape.Width,
            inputGradient.Shape.Channels);
    }
}
