namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void ExciteForward(ReadOnlyTensor input, ReadOnlyTensor excitation, Tensor output)
    {
        var x = input.Floats();
        var e = excitation.Floats();
        var y = output.Floats();
        for (var i = 0; i < y.Length; i++)
            y[i] = x[i] * e[PerPicture(i, input.Shape)];
    }

    public void ExciteBackwardReduce(ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor excitationGradient)
    {
        var x = input.Floats();
        var dy = outputGradient.Floats();
        var sums = new double[excitationGradient.Count];
        for (var i = 0; i < x.Length; i++)
            sums[PerPicture(i, input.Shape)] += (double)dy[i] * x[i];
        StoreRow(sums, accumulate: false, excitationGradient.Floats());
    }

    public void ExciteBackwardApply(ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, Tensor gradient)
    {
        var e = excitation.Floats();
        var pooled = pooledGradient.Floats();
        var dy = gradient.Floats();
        for (var i = 0; i < dy.Length; i++)
        {
            var at = PerPicture(i, gradient.Shape);
            dy[i] = (float)((double)dy[i] * e[at] + (double)pooled[at] / gradient.Shape.PixelsPerPicture);
        }
    }
}
