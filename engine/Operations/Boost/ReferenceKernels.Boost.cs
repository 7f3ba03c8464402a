namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void BoostForward(ReadOnlyTensor input, float factor, Tensor output)
    {
        var x = input.Floats();
        var y = output.Floats();
        for (var i = 0; i < y.Length; i++)
            y[i] = x[i] > 0 ? factor * x[i] : x[i];
    }

    public void BoostBackward(ReadOnlyTensor output, float factor, Tensor gradient)
    {
        var y = output.Floats();
        var dy = gradient.Floats();
        for (var i = 0; i < dy.Length; i++)
        {
            if (y[i] > 0)
                dy[i] *= factor;
        }
    }
}
