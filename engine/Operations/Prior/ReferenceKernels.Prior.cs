namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void PriorAccumulate(ReadOnlyTensor logits, Tensor sums)
    {
        var x = logits.Floats();
        var total = sums.Floats();
        for (var k = 0; k < total.Length; k++)
        {
            var sum = 0.0;
            for (var i = k; i < x.Length; i += total.Length)
                sum += 1 / (1 + Math.Exp(-(double)x[i]));
            total[k] = (float)(total[k] + sum);
        }
    }
}
