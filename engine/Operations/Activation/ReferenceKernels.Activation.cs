namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void ActivationForward(ReadOnlyTensor input, ActivationKind activation, Tensor output)
    {
        var x = input.Floats();
        var y = output.Floats();
        for (var i = 0; i < y.Length; i++)
            y[i] = (float)Activate(x[i], activation);
    }

    public void ActivationBackward(ReadOnlyTensor output, ActivationKind activation, Tensor gradient)
    {
        var y = output.Floats();
        var dy = gradient.Floats();
        for (var i = 0; i < dy.Length; i++)
            dy[i] = (float)(dy[i] * Derivative(y[i], activation));
    }

    private static double Derivative(double y, ActivationKind activation) => activation switch
    {
        ActivationKind.None => 1,
        ActivationKind.Relu => y > 0 ? 1 : 0,
        ActivationKind.Sigmoid => y * (1 - y),
        _ => throw UnknownActivation.Error(activation),
    };
}
