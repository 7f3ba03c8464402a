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
}
