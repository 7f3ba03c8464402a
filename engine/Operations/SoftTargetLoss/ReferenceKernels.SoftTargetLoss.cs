namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void SoftTargetLoss(ReadOnlyTensor logits, ReadOnlyTensor targets, Tensor loss, Tensor gradient)
    {
        var x = logits.Floats();
        var t = targets.Floats();
        var dx = gradient.Floats();
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            sum += t[i] < 0 ? 0 : SoftTargetTerm.Loss(x[i], t[i]);
            dx[i] = t[i] < 0 ? 0 : (float)SoftTargetTerm.Slope(x[i], t[i]);
        }
        loss.Floats()[0] = (float)sum;
    }
}
