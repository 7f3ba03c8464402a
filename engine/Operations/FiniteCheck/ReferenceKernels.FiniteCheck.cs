namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void FiniteCheck(ReadOnlyTensor input, Tensor flag)
    {
        foreach (var value in input.ToSingles())
        {
            if (!float.IsFinite(value))
                flag.Elements<int>()[0] = 1;
        }
    }

    public void GradientsFiniteCheck(ReadOnlyTensor gradients, LowPrecisionStep low, Tensor flag)
    {
        if (Array.Exists(Combined(gradients, low), value => !float.IsFinite(value)))
            flag.Elements<int>()[0] = 1;
    }
}
