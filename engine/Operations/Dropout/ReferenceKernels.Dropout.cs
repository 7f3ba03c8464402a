namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void Dropout(
        ReadOnlyTensor input, float rate, ulong seed, ReadOnlyTensor position, bool accumulate, Tensor output)
    {
        var x = input.Floats();
        var y = output.Floats();
        var (step, threshold) = (DropoutMask.StepOf(position), DropoutMask.Threshold(rate));
        for (var i = 0; i < y.Length; i++)
        {
            var words = DropoutMask.Block((ulong)(i / DropoutMask.Words), step, seed);
            var word = (i % DropoutMask.Words) switch { 0 => words.A, 1 => words.B, 2 => words.C, _ => words.D };
            Store(ref y[i], word >= threshold ? x[i] / (1.0 - rate) : 0, accumulate);
        }
    }
}
