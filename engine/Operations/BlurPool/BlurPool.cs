namespace Flixstock.Engine;

/// <summary>
/// Anti-aliased downsampling by 2 (Zhang 2019): [1 2 1] x [1 2 1] / 16 with reflect padding. No parameters, nothing
/// kept.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class BlurPool(string name) : Layer(name)
{
    /// <summary>Smallest extent that a reflection by one pixel can take.</summary>
    public const int SmallestExtent = 2;

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) =>
        input is { Rank: 4, Height: >= SmallestExtent, Width: >= SmallestExtent }
            ? new Shape(input.Batch, (input.Height + 1) / 2, (input.Width + 1) / 2, input.Channels)
            : throw new ShapeException(
                Name, "input", input,
                "[N, H, W, C] with H and W at least 2, which reflect padding needs: use a larger picture");

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var output = pass.TakeActivation(OutputShape(input.Shape));
        pass.Kernels.BlurPoolForward(input, output);
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        if (inputGradient.Exists)
            pass.Kernels.BlurPoolBackward(outputGradient, accumulate, inputGradient);
    }
}
