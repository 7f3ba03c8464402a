namespace Flixstock.Engine;

/// <summary>Mean over all pixels of a picture: [N, H, W, C] becomes [N, C]. No parameters, nothing kept.</summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class GlobalAveragePool(string name) : Layer(name)
{
    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => input.Rank == 4
        ? new Shape(input.Batch, input.Channels)
        : throw new ShapeException(Name, "input", input, "[N, H, W, C]");

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var output = pass.Take(OutputShape(input.Shape));
        pass.Kernels.GlobalAveragePoolForward(input, output);
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        if (inputGradient.Exists)
            pass.Kernels.GlobalAveragePoolBackward(outputGradient, accumulate, inputGradient);
    }
}
