namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _fill = new("elementwise", "fill");
    private readonly KernelEntries _add = new("elementwise", "add");
    private readonly KernelEntries _repeat = new("elementwise", "repeat");
    private readonly KernelEntries _narrow = new("elementwise", "narrow");
    private readonly KernelEntries _widen = new("elementwise", "widen");

    public void Fill(float value, Tensor destination)
    {
        var fast = IsFast(destination.Count, destination.Address);
        var packs = Packs(destination.Count, fast, "a tensor");
        Launch(_fill, destination.Type, fast, SweepShape(packs, 1), value, destination, packs);
    }

    public void Add(ReadOnlyTensor source, Tensor destination) =>
        TwoTensors(_add, destination.Type, source, destination);

    public void Repeat(ReadOnlyTensor source, Tensor destination)
    {
        var count = checked((int)destination.Count);
        Launch(_repeat, SweepShape(count, 1), source, checked((int)source.Count), destination, count);
    }

    /// <summary>Between singles and a 16-bit type it converts, rounding to nearest.</summary>
    public void Copy(ReadOnlyTensor source, Tensor destination)
    {
        if (source.Type == destination.Type)
        {
            CopyBytes(source, destination);
        }
        else if (source.Type == ElementType.Float32)
        {
            TwoTensors(_narrow, destination.Type, source, destination);
        }
        else if (destination.Type == ElementType.Float32)
        {
            TwoTensors(_widen, source.Type, source, destination);
        }
        else
        {
            throw new EngineException(
                $"cannot copy {source.Type} into {destination.Type}: one of them must be Float32");
        }
    }

    private void CopyBytes(ReadOnlyTensor source, Tensor destination)
    {
        if (_planning is null)
            _device.Copy(source, destination);
    }

    private void TwoTensors(KernelEntries entries, ElementType type, ReadOnlyTensor source, Tensor destination)
    {
        var fast = IsFast(source.Count, source.Address, destination.Address);
        var packs = Packs(source.Count, fast, "a tensor");
        Launch(entries, type, fast, SweepShape(packs, 1), source, destination, packs);
    }
}
