using System.Numerics;

namespace Flixstock.PtxEmulator;

/// <summary>ld, st and their checks.</summary>
internal static unsafe class MemoryAccess
{
    /// <summary>Where generic addresses of shared and local memory begin.</summary>
    public const ulong SharedWindow = 0x1000_0000_0000_0000, LocalWindow = 0x2000_0000_0000_0000;

    public static void Load(Warp warp, Instruction i, uint mask)
    {
        int bytes = i.Bytes * i.Vector.Length;
        var requests = new RequestCounter(warp, bytes);
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            byte* source = Resolve(warp, i, lane, bytes, write: false, ref requests);
            for (int part = 0; part < i.Vector.Length; part++, source += i.Bytes)
            {
                if (i.Vector[part] >= 0)
                    Put(warp.Registers + i.Vector[part], lane, i, source);
            }
        }
        requests.Finish();
    }

    public static void Store(Warp warp, Instruction i, uint mask)
    {
        int bytes = i.Bytes * i.Vector.Length;
        var requests = new RequestCounter(warp, bytes);
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            byte* target = Resolve(warp, i, lane, bytes, write: true, ref requests);
            for (int part = 0; part < i.Vector.Length; part++, target += i.Bytes)
                Take(warp.Registers + i.Vector[part], lane, i, target);
        }
        requests.Finish();
    }

    /// <summary>ld.param: the same for all threads.</summary>
    public static void LoadParameter(Warp warp, Instruction i, uint mask)
    {
        fixed (byte* parameters = warp.Block.Launch.Parameters)
        {
            for (uint rest = mask; rest != 0; rest &= rest - 1)
            {
                int lane = BitOperations.TrailingZeroCount(rest);
                long offset = (long)Lanes.Get<ulong>(warp.Registers + i.A, lane) + i.Offset;
                if (offset < 0 || offset + i.Bytes * i.Vector.Length > warp.Block.Launch.Parameters.Length)
                    throw warp.Block.Launch.Failure(warp, lane, $"parameter at byte {offset} is out of bounds");
                for (int part = 0; part < i.Vector.Length; part++)
                    Put(warp.Registers + i.Vector[part], lane, i, parameters + offset + part * i.Bytes);
            }
        }
    }

    /// <summary>The host's address of a lane's access, checked and noted.</summary>
    public static byte* Resolve(Warp warp, Instruction i, int lane, int bytes, bool write, ref RequestCounter requests)
    {
        ulong address = (i.StrideA == 8
            ? Lanes.Get<ulong>(warp.Registers + i.A, lane)
            : Lanes.Get<uint>(warp.Registers + i.A, lane)) + (ulong)i.Offset;
        if ((address & (ulong)(bytes - 1)) != 0)
        {
            throw warp.Block.Launch.Failure(warp, lane, $"misaligned {Verb(write)} of {bytes} bytes at 0x{address:x}, "
                + $"{warp.Block.Launch.Memory.Describe(address)}");
        }
        var space = i.Space;
        if (space == MemorySpace.Generic)
        {
            space = (address >> 60) switch { 1 => MemorySpace.Shared, 2 => MemorySpace.Local, _ => MemorySpace.Global };
            if (space != MemorySpace.Global)
                address &= 0x0FFF_FFFF_FFFF_FFFF;
        }
        if (space == MemorySpace.Shared)
            return ResolveShared(warp, i, lane, address, bytes, write, ref requests);
        return space == MemorySpace.Local
            ? ResolveLocal(warp, lane, address, bytes, write)
            : ResolveGlobal(warp, i, lane, address, bytes, write, ref requests);
    }

    private static byte* ResolveGlobal(
        Warp warp, Instruction i, int lane, ulong address, int bytes, bool write, ref RequestCounter requests)
    {
        var launch = warp.Block.Launch;
        var allocation = warp.Near;
        if (allocation is null || !allocation.Contains(address))
            warp.Near = allocation = launch.Memory.Find(address);
        if (allocation is null || address - (ulong)allocation.Address + (ulong)bytes > (ulong)allocation.Bytes)
        {
            throw launch.Failure(
                warp, lane,
                $"{Verb(write)} of {bytes} bytes at 0x{address:x} is out of bounds, {launch.Memory.Describe(address)}");
        }
        long offset = (long)(address - (ulong)allocation.Address);
        requests.AddGlobal(address);
        bool atomic = i.IsAtomic;
        if (atomic)
            warp.Block.Order.Atomic(address);
        else if (write)
            warp.Block.Order.Wrote(warp.Index, lane);
        if (!write || atomic)
            CheckWritten(warp, lane, allocation.Written + offset, bytes, address, launch.Memory);
        if (write)
        {
            for (int b = 0; b < bytes; b++)
                allocation.Written[offset + b] = 1;
        }
        NoteGlobal(warp, lane, allocation, offset, bytes, write, atomic || i.IsSynchronised, address);
        return (byte*)address;
    }

    private static void NoteGlobal(
        Warp warp, int lane, Allocation allocation, long offset, int bytes, bool write, bool atomic, ulong address)
    {
        uint serial = warp.Block.Launch.Serial, block = warp.Block.Number;
        ulong* writers = allocation.Writers, readers = allocation.Readers;
        for (long end = offset + bytes; offset < end;)
        {
            // Two bytes, the smallest element that blocks share a tensor in place with: a wider one would mix up
            // neighbours that belong to two blocks.
            long granule = offset / 2;
            int first = (int)(offset % 2), count = (int)Math.Min(2 - first, end - offset);
            uint mask = ((1u << count) - 1) << first;
            if (AccessLog.Conflicts(writers[granule], serial, block, mask, atomic)
                && !warp.Block.Order.Knows(AccessLog.Actor(writers[granule])))
            {
                throw Race(warp, lane, write, "written", writers[granule], address);
            }
            if (write)
            {
                if (AccessLog.Conflicts(readers[granule], serial, block, mask, atomic)
                    && !warp.Block.Order.Knows(AccessLog.Actor(readers[granule])))
                {
                    throw Race(warp, lane, write, "read", readers[granule], address);
                }
                writers[granule] = AccessLog.Add(writers[granule], serial, block, mask, atomic);
            }
            else
            {
                readers[granule] = AccessLog.Add(readers[granule], serial, block, mask, atomic);
            }
            offset += count;
        }
    }

    private static DeviceCheckException Race(Warp warp, int lane, bool write, string done, ulong entry, ulong address)
    {
        uint other = AccessLog.Actor(entry);
        var who = other == AccessLog.Many ? "other blocks" : $"block number {other}";
        return warp.Block.Launch.Failure(
            warp, lane,
            $"race between blocks: {Verb(write)} at 0x{address:x}, {done} by {who} in the same launch without atomics, "
                + $"{warp.Block.Launch.Memory.Describe(address)}");
    }

    private static byte* ResolveShared(
        Warp warp, Instruction i, int lane, ulong address, int bytes, bool write, ref RequestCounter requests)
    {
        var block = warp.Block;
        if (address + (ulong)bytes > (ulong)block.SharedBytes)
        {
            throw block.Launch.Failure(warp, lane, $"{Verb(write)} of {bytes} bytes at shared byte {address} is out of "
                + $"bounds, the block has {block.SharedBytes} bytes of shared memory");
        }
        uint offset = (uint)address;
        requests.AddShared(offset);
        if (!write || i.IsAtomic)
        {
            for (int b = 0; b < bytes; b++)
            {
                if (block.SharedWritten[offset + b] == 0)
                {
                    throw block.Launch.Failure(
                        warp, lane, $"read of shared byte {offset + b}, which was never written");
                }
            }
        }
        if (write)
        {
            for (int b = 0; b < bytes; b++)
                block.SharedWritten[offset + b] = 1;
        }
        if (block.SharedRace(warp, lane, offset, bytes, write, i.IsAtomic, out uint other))
        {
            var who = other == AccessLog.Many ? "several threads" : $"thread number {other}";
            throw block.Launch.Failure(warp, lane, $"race in shared memory: {Verb(write)} at shared byte {offset} "
                + $"meets an access of {who} since the last barrier");
        }
        return block.Shared + offset;
    }

    private static byte* ResolveLocal(Warp warp, int lane, ulong address, int bytes, bool write)
    {
        int size = warp.Block.Kernel.LocalBytes;
        if (address + (ulong)bytes > (ulong)size)
        {
            throw warp.Block.Launch.Failure(warp, lane, $"{Verb(write)} of {bytes} bytes at local byte {address} is "
                + $"out of bounds, a thread has {size} bytes of local memory");
        }
        return warp.Block.Local + (long)size * (warp.Index * 32 + lane) + (long)address;
    }

    private static void CheckWritten(Warp warp, int lane, byte* written, int bytes, ulong address, DeviceMemory memory)
    {
        bool whole = bytes switch
        {
            4 => *(uint*)written == 0x01010101,
            8 => *(ulong*)written == 0x0101010101010101,
            16 => (*(ulong*)written & *(ulong*)(written + 8)) == 0x0101010101010101,
            _ => written[0] == 1 && written[bytes - 1] == 1,
        };
        if (!whole)
        {
            throw warp.Block.Launch.Failure(
                warp, lane,
                $"read of {bytes} bytes at 0x{address:x}, which were never written, {memory.Describe(address)}");
        }
    }

    private static void Put(byte* register, int lane, Instruction i, byte* source)
    {
        long value = i.Bytes switch
        {
            1 => i.Signed ? *(sbyte*)source : *source,
            2 => i.Signed ? *(short*)source : *(ushort*)source,
            4 => i.Signed ? *(int*)source : *(uint*)source,
            _ => *(long*)source,
        };
        if (i.StrideD == 8)
            ((long*)register)[lane] = value;
        else
            ((int*)register)[lane] = (int)value;
    }

    private static void Take(byte* register, int lane, Instruction i, byte* target)
    {
        long value = i.StrideD == 8 ? ((long*)register)[lane] : ((int*)register)[lane];
        switch (i.Bytes)
        {
            case 1: *target = (byte)value; break;
            case 2: *(ushort*)target = (ushort)value; break;
            case 4: *(uint*)target = (uint)value; break;
            default: *(long*)target = value; break;
        }
    }

    private static string Verb(bool write) => write ? "write" : "read";
}
