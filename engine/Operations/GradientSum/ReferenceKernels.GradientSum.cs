namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void GradientSum(Tensor gradients, Tensor low, ReadOnlyTensor map, GradientPart part, Tensor sum)
    {
        var values = Combined(gradients, new LowPrecisionStep(low, map, ReadOnlyTensor.None, Tensor.None));
        var total = sum.Floats();
        var before = part == GradientPart.First ? new float[values.Length] : total.ToArray();
        for (var i = 0; i < values.Length; i++)
            values[i] += before[i];
        if (part != GradientPart.Last)
        {
            values.CopyTo(total);
            return;
        }

        if (!map.Exists)
        {
            values.CopyTo(gradients.Floats());
            return;
        }

        var inLow = map.Elements<sbyte>();
        var narrow = ((ReadOnlyTensor)low).ToSingles();
        for (var i = 0; i < values.Length; i++)
        {
            if (inLow[i / MapUnit] != 0)
                narrow[i] = values[i];
            else
                gradients.Floats()[i] = values[i];
        }

        low.Round(narrow);
    }
}
