namespace Flixstock.Engine;

/// <summary>
/// Mean of 2x2 pixels, stride 2; at odd edges the mean of the pixels inside the picture. No parameters, nothing kept.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class AveragePool(string name) : Layer(name)
{
    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => input.Rank == 4
        ? new Shape(input.Batch, (input.Height + 1) / 2, (input.Width + 1) / 2, input.Channels)
        : throw new ShapeException(Name, "input", input, "[N, H, W, C]");

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var output = pass.TakeActivation(OutputShape(input.Shape));
        pass.Kernels.AveragePoolForward(input, output);
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        if (inputGradient.Exists)
            pass.Kernels.AveragePoolBackward(outputGradient, accumulate, inputGradient);
    }
}
