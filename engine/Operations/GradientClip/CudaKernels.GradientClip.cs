namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _gradientSquares = new("gradient_clip", "gradient_squares");
    private readonly KernelEntries _gradientClipFinish = new("gradient_clip", "gradient_clip_finish");

    public void GradientClip(ReadOnlyTensor gradients, LowPrecisionStep low, float limit, Tensor factor)
    {
        var (narrow, type) = low.Map.Exists
            ? (low.Gradients, low.Gradients.Type)
            : (ReadOnlyTensor.None, ElementType.Float32);
        var fast = IsFast(gradients.Count, gradients.Address, narrow.Address);
        var packs = Packs(gradients.Count, fast, "the gradients");
        var shape = SweepShape(packs, 1);
        var parts = Scratch(ScratchSlot.Parts, shape.GridX * sizeof(float));
        Launch(_gradientSquares, type, fast, shape, gradients, narrow, low.Map, parts, packs);
        Launch(
            _gradientClipFinish, LaunchShape.Linear(1, SweepThreads),
            parts, (int)shape.GridX, low.LossScale, limit, factor);
    }
}
