namespace Flixstock.Engine;

public sealed partial class ReferenceKernels
{
    public void AsymmetricLoss(ReadOnlyTensor logits, ReadOnlyTensor labels, AsymmetricLossOptions options, Tensor loss, Tensor gradient)
    {
        var x = logits.Floats();
        var t = labels.Elements<sbyte>();
        var dx = gradient.Floats();
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            var (term, slope) = AsymmetricTerm.Of(x[i], t[i], options);
            sum -= term;
            dx[i] = (float)slope;
        }
        loss.Floats()[0] = (float)sum;
    }
}
