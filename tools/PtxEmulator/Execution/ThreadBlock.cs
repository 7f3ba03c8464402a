using System.Runtime.InteropServices;

namespace Flixstock.PtxEmulator;

/// <summary>
/// The threads of one block of the grid, with their shared and local memory. Made once for a launch and used for all
/// its blocks.
/// </summary>
internal sealed unsafe class ThreadBlock
{
    private const int Turn = 4096;
    private readonly Warp[] _warps;
    private readonly ulong* _sharedWriters, _sharedReaders;
    private uint _serial;

    public ThreadBlock(KernelLaunch launch)
    {
        Launch = launch;
        SharedBytes = launch.SharedBytes;
        Shared = (byte*)NativeMemory.AlignedAlloc((nuint)SharedBytes + 16, 128);
        SharedWritten = (byte*)NativeMemory.AllocZeroed((nuint)SharedBytes + 16);
        Local = (byte*)NativeMemory.AlignedAlloc(
            (nuint)launch.Kernel.LocalBytes * (nuint)launch.ThreadsPerBlock + 16, 128);
        _sharedWriters = (ulong*)NativeMemory.AllocZeroed((nuint)SharedBytes / 4 + 4, 8);
        _sharedReaders = (ulong*)NativeMemory.AllocZeroed((nuint)SharedBytes / 4 + 4, 8);
        _warps = new Warp[(launch.ThreadsPerBlock + 31) / 32];
        Order = new BlockOrder(_warps.Length);
        for (int i = 0; i < _warps.Length; i++)
            _warps[i] = new Warp(this, i);
    }

    public KernelLaunch Launch { get; }

    public PtxKernel Kernel => Launch.Kernel;

    public byte* Shared { get; }

    public byte* SharedWritten { get; }

    public int SharedBytes { get; }

    public byte* Local { get; }

    public uint X { get; private set; }

    public uint Y { get; private set; }

    public uint Z { get; private set; }

    /// <summary>What is in order with other blocks' accesses.</summary>
    public BlockOrder Order { get; }

    /// <summary>Number in the grid.</summary>
    public uint Number { get; private set; }

    /// <summary>Value of a special register.</summary>
    public uint Special(string name, int thread)
    {
        var launch = Launch;
        return name switch
        {
            "%tid.x" => (uint)thread % launch.BlockX,
            "%tid.y" => (uint)thread / launch.BlockX % launch.BlockY,
            "%tid.z" => (uint)thread / (launch.BlockX * launch.BlockY),
            "%ntid.x" => launch.BlockX,
            "%ntid.y" => launch.BlockY,
            "%ntid.z" => launch.BlockZ,
            "%ctaid.x" => X,
            "%ctaid.y" => Y,
            "%ctaid.z" => Z,
            "%nctaid.x" => launch.GridX,
            "%nctaid.y" => launch.GridY,
            "%nctaid.z" => launch.GridZ,
            "%laneid" => (uint)thread & 31,
            "%warpid" => (uint)thread / 32,
            "%nwarpid" => (uint)_warps.Length,
            "%lanemask_eq" => 1u << (thread & 31),
            "%lanemask_lt" => (1u << (thread & 31)) - 1,
            "%lanemask_le" => (2u << (thread & 31)) - 1,
            "%lanemask_gt" => ~((2u << (thread & 31)) - 1),
            "%lanemask_ge" => ~((1u << (thread & 31)) - 1),
            "%dynamic_smem_size" => (uint)launch.DynamicSharedBytes,
            "%total_smem_size" => (uint)SharedBytes,
            "%smid" => Number % 4,
            "%nsmid" => 4,
            "%gridid" or "%clock" or "%clock64" or "%globaltimer" => 0,
            _ => throw new PtxException($"kernel '{Kernel.Name}': special register '{name}' is not known"),
        };
    }

    public void Run(uint number, Random order)
    {
        Number = number;
        (X, Y, Z) =
            (number % Launch.GridX, number / Launch.GridX % Launch.GridY, number / (Launch.GridX * Launch.GridY));
        Order.Start(number);
        NativeMemory.Clear(SharedWritten, (nuint)SharedBytes);
        _serial++;
        foreach (var warp in _warps)
            warp.Start();
        order.Shuffle(_warps);
        while (Round())
            order.Shuffle(_warps);
    }

    /// <summary>
    /// Notes an access to shared memory; true if another thread's access since the last barrier meets it.
    /// </summary>
    public bool SharedRace(Warp warp, int lane, uint offset, int bytes, bool write, bool atomic, out uint other)
    {
        uint thread = (uint)(warp.Index * 32 + lane);
        for (uint end = offset + (uint)bytes; offset < end;)
        {
            uint granule = offset / 4, first = offset % 4, count = Math.Min(4 - first, end - offset);
            uint mask = (count == 4 ? 15u : (1u << (int)count) - 1) << (int)first;
            ref ulong writer = ref _sharedWriters[granule], reader = ref _sharedReaders[granule];
            if (Meets(writer, warp, thread, mask, atomic, out other)
                || write && Meets(reader, warp, thread, mask, atomic, out other))
            {
                return true;
            }
            if (write)
                writer = Noted(writer, warp, thread, mask, atomic);
            else
                reader = Noted(reader, warp, thread, mask, atomic);
            offset += count;
        }
        other = 0;
        return false;
    }

    // An actor of shared memory: thread, its warp's phase, and whether it stands for several threads of that warp.
    private const uint Several = 1 << 23;

    private static uint Actor(Warp warp, uint thread) => thread | (warp.Phase & 0x1FFF) << 10;

    private ulong Noted(ulong entry, Warp warp, uint thread, uint mask, bool atomic)
    {
        uint actor = Actor(warp, thread), other = AccessLog.Actor(entry);
        if (entry >> 32 == _serial && other != AccessLog.Many && (other & 1023) / 32 == warp.Index)
        {
            // What the warp did before its last __syncwarp is in order with what it does now.
            if ((other & ~Several) >> 10 != actor >> 10)
            {
                entry = 0;
            }
            else if ((other & 1023) != thread || (other & Several) != 0)
            {
                return AccessLog.Add(
                    0, _serial, actor | Several, mask | (uint)entry & 15, atomic && ((uint)entry & 16) != 0);
            }
        }
        return AccessLog.Add(entry, _serial, actor, mask, atomic);
    }

    private bool Meets(ulong entry, Warp warp, uint thread, uint mask, bool atomic, out uint other)
    {
        other = AccessLog.Actor(entry);
        if (!AccessLog.Conflicts(entry, _serial, AccessLog.Many - 1, mask, atomic))
            return false;
        if (other == AccessLog.Many)
            return true;
        bool several = (other & Several) != 0, samePhase = (other & ~Several) >> 10 == (warp.Phase & 0x1FFF);
        other &= 1023;
        return other / 32 != warp.Index || samePhase && (several || other != thread);
    }

    public void Release()
    {
        foreach (var warp in _warps)
            warp.Release();
        NativeMemory.AlignedFree(Shared);
        NativeMemory.Free(SharedWritten);
        NativeMemory.AlignedFree(Local);
        NativeMemory.Free(_sharedWriters);
        NativeMemory.Free(_sharedReaders);
    }

    // Every warp has a turn; true while some are not done.
    private bool Round()
    {
        bool ready = false, waiting = false;
        foreach (var warp in _warps)
        {
            if (warp.State == WarpState.Ready)
                warp.Run(Turn);
            ready |= warp.State == WarpState.Ready;
            waiting |= warp.State == WarpState.AtBarrier;
        }
        Launch.CheckLimit();
        if (!ready && waiting)
            PassBarrier();
        return ready || waiting;
    }

    private void PassBarrier()
    {
        var first = Array.Find(_warps, warp => warp.State == WarpState.AtBarrier)!;
        foreach (var warp in _warps)
        {
            if (warp.State == WarpState.Done)
                throw Launch.Failure(first, 0, $"divergent barrier: warp {warp.Index} exited without coming to it");
            if (warp.Waiting != first.Waiting)
            {
                throw Launch.Failure(first, 0, $"divergent barrier: warp {warp.Index} waits at the one in PTX line "
                    + $"{warp.Waiting!.Statement.Line}");
            }
        }
        if (first.Waiting!.Kind == InstructionKind.BarrierReduction)
            Reduce(first.Waiting);
        Order.Barrier();
        _serial++;
        foreach (var warp in _warps)
            warp.Resume();
    }

    private void Reduce(Instruction barrier)
    {
        bool all = true, any = false;
        int count = 0;
        foreach (var warp in _warps)
        {
            uint value = warp.Predicate(barrier.A, barrier.NegatedA) & warp.Live;
            all &= value == warp.Live;
            any |= value != 0;
            count += System.Numerics.BitOperations.PopCount(value);
        }
        foreach (var warp in _warps)
        {
            if (barrier.Mode == "popc")
            {
                for (int lane = 0; lane < 32; lane++)
                    Lanes.Set(warp.Registers + barrier.D, lane, count);
            }
            else
            {
                warp.SetPredicate(barrier.D, (barrier.Mode == "and" ? all : any) ? uint.MaxValue : 0, warp.Live);
            }
        }
    }
}
