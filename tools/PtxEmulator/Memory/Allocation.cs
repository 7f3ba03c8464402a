using System.Runtime.InteropServices;

namespace Flixstock.PtxEmulator;

/// <summary>
/// A piece of device memory with its shadow: which bytes were ever written, and which blocks touched them in the
/// running launch.
/// </summary>
internal sealed unsafe class Allocation
{
    /// <summary>
    /// Bytes before and behind that nobody may write; their pattern is looked at when the allocation is freed.
    /// </summary>
    public const int GuardBytes = 256;

    private const byte GuardPattern = 0xA5;
    private readonly byte* _block;

    // Per 4 bytes: serial of the launch, block, whether by atomics, and which of the bytes.
    private ulong* _writers, _readers;

    public Allocation(long bytes, string name, bool filled = true)
    {
        (Bytes, Name) = (bytes, name);
        _block = (byte*)NativeMemory.AlignedAlloc((nuint)(bytes + 2 * GuardBytes), 256);
        Address = _block + GuardBytes;
        NativeMemory.Fill(_block, GuardBytes, GuardPattern);
        // What nobody wrote is not a number in every float format, so that even code that is not checked shows it.
        if (filled)
            NativeMemory.Fill(Address, (nuint)bytes + GuardBytes, 0xFF);
        NativeMemory.Fill(Address + bytes, GuardBytes, GuardPattern);
        Written = (byte*)NativeMemory.AllocZeroed((nuint)bytes + 16);
    }

    public byte* Address { get; }

    public long Bytes { get; }

    /// <summary>As reports call it: "allocation 7 (4,096 bytes)".</summary>
    public string Name { get; }

    /// <summary>One byte for each byte: 1 once it was written.</summary>
    public byte* Written { get; private set; }

    public ulong* Writers => _writers == null ? _writers = Log() : _writers;

    public ulong* Readers => _readers == null ? _readers = Log() : _readers;

    public bool Contains(ulong address) => address - (ulong)Address < (ulong)Bytes;

    public void MarkWritten(long offset, long bytes) => NativeMemory.Fill(Written + offset, (nuint)bytes, 1);

    /// <summary>
    /// Byte before or behind the allocation that was overwritten, relative to its start; null if none was.
    /// </summary>
    public long? BrokenGuard()
    {
        for (int i = 0; i < GuardBytes; i++)
        {
            if (_block[i] != GuardPattern)
                return i - GuardBytes;
            if (Address[Bytes + i] != GuardPattern)
                return Bytes + i;
        }
        return null;
    }

    public void Release()
    {
        NativeMemory.AlignedFree(_block);
        NativeMemory.Free(Written);
        NativeMemory.Free(_writers);
        NativeMemory.Free(_readers);
    }

    private ulong* Log() => (ulong*)NativeMemory.AllocZeroed((nuint)(Bytes + 1) / 2 + 4, 8);
}
