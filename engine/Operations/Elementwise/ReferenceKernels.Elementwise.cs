namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void Fill(float value, Tensor destination) => destination.Floats().Fill(value);

    public void Add(ReadOnlyTensor source, Tensor destination)
    {
        var from = source.Floats();
        var to = destination.Floats();
        for (var i = 0; i < to.Length; i++)
            to[i] += from[i];
    }

    public void Repeat(ReadOnlyTensor source, Tensor destination)
    {
        var from = source.Floats();
        var to = destination.Floats();
        for (var i = 0; i < to.Length; i++)
            to[i] = from[i % from.Length];
    }

    public void Copy(ReadOnlyTensor source, Tensor destination)
    {
        if (source.Type == destination.Type)
            source.Bits().CopyTo(destination.Bits());
        else
            destination.Round(source.ToSingles());
    }
}
