namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void GroupedSoftmaxLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor groups, float smoothing, Tensor loss,
        Tensor gradient)
    {
        var x = logits.Floats();
        var t = labels.Elements<sbyte>();
        var dx = gradient.Floats();
        var firsts = groups.Elements<int>();
        var classes = logits.Shape.Channels;
        var sum = 0.0;
        for (var row = 0; row < x.Length; row += classes)
        {
            for (var group = 0; group + 1 < firsts.Length; group++)
            {
                var (first, count) = (row + firsts[group], firsts[group + 1] - firsts[group]);
                sum += GroupedSoftmaxTerm.Of(
                    x.Slice(first, count), t.Slice(first, count), smoothing, dx.Slice(first, count));
            }
        }
        loss.Floats()[0] = (float)sum;
    }
}
