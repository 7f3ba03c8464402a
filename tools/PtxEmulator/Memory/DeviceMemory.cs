using System.Globalization;

namespace Flixstock.PtxEmulator;

/// <summary>The live allocations of an emulated device, found by address. Addresses are the host's.</summary>
/// <param name="filled">False: memory has no pattern of what nobody wrote, and takes none of the host's.</param>
internal sealed unsafe class DeviceMemory(bool filled = true) : IDisposable
{
    private readonly List<Allocation> _live = [];
    private readonly List<(ulong Address, long Bytes, string Name)> _freed = [];
    private int _count;

    /// <summary>Bytes of live allocations.</summary>
    public long Used { get; private set; }

    /// <summary>
    /// Counts up with each change of the list, so that a remembered allocation can be known as stale.
    /// </summary>
    public int Version { get; private set; }

    public Allocation Allocate(long bytes, string? name = null)
    {
        var allocation = new Allocation(
            bytes,
            string.Create(CultureInfo.InvariantCulture, $"{name ?? $"allocation {++_count}"} ({bytes:N0} bytes)"),
            filled);
        int index = Search((ulong)allocation.Address);
        _live.Insert(index + 1, allocation);
        _freed.RemoveAll(freed => Overlaps(freed.Address, freed.Bytes, allocation));
        Used += bytes;
        Version++;
        return allocation;
    }

    /// <summary>Gives an allocation back.</summary>
    /// <exception cref="DeviceCheckException">Somebody wrote over its ends.</exception>
    public bool Free(ulong address)
    {
        int index = Search(address);
        if (index < 0 || (ulong)_live[index].Address != address)
            return false;
        var allocation = _live[index];
        _live.RemoveAt(index);
        _freed.Add((address, allocation.Bytes, allocation.Name));
        Used -= allocation.Bytes;
        Version++;
        var broken = allocation.BrokenGuard();
        allocation.Release();
        if (broken is { } offset)
        {
            throw new DeviceCheckException(
                $"guard zone overwritten at byte {offset} of {allocation.Name}, found when it was freed");
        }
        return true;
    }

    /// <summary>The live allocation that holds the address, or null.</summary>
    public Allocation? Find(ulong address)
    {
        int index = Search(address);
        return index >= 0 && _live[index].Contains(address) ? _live[index] : null;
    }

    /// <summary>The allocation of a range that must lie in one.</summary>
    /// <exception cref="DeviceCheckException">It does not.</exception>
    public Allocation Require(ulong address, long bytes, string what)
    {
        var allocation = Find(address);
        if (allocation is null || address - (ulong)allocation.Address + (ulong)bytes > (ulong)allocation.Bytes)
        {
            throw new DeviceCheckException(
                $"{what}: {bytes} bytes at 0x{address:x} are out of bounds, {Describe(address)}");
        }
        return allocation;
    }

    /// <summary>Where an address lies: inside, freed, or next to what.</summary>
    public string Describe(ulong address)
    {
        if (Find(address) is { } inside)
            return $"at byte {address - (ulong)inside.Address} of {inside.Name}";
        foreach (var freed in _freed)
        {
            if (address - freed.Address < (ulong)freed.Bytes)
                return $"use after free: at byte {address - freed.Address} of {freed.Name}, which was freed";
        }
        int index = Search(address);
        return index < 0
            ? "below every allocation"
            : $"{address - (ulong)_live[index].Address - (ulong)_live[index].Bytes} bytes behind the end of "
                + $"{_live[index].Name}";
    }

    public void Dispose()
    {
        foreach (var allocation in _live)
            allocation.Release();
        _live.Clear();
    }

    private static bool Overlaps(ulong address, long bytes, Allocation allocation) =>
        address < (ulong)allocation.Address + (ulong)allocation.Bytes
        && (ulong)allocation.Address < address + (ulong)bytes;

    // Index of the last allocation that starts at or below the address.
    private int Search(ulong address)
    {
        int low = 0, high = _live.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if ((ulong)_live[middle].Address <= address)
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }
}
