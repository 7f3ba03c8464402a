namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void GradientClip(ReadOnlyTensor gradients, LowPrecisionStep low, float limit, Tensor factor)
    {
        var squares = Combined(gradients, low).Sum(value => (double)value * value);
        var scale = low.LossScale.Exists ? (double)low.LossScale.Floats()[0] : 1;
        factor.Floats()[0] = GradientClipRule.Factor(squares, scale, limit);
    }
}
