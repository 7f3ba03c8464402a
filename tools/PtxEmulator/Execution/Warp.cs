using System.Numerics;
using System.Runtime.InteropServices;

namespace Flixstock.PtxEmulator;

/// <summary>Why a warp stopped running.</summary>
internal enum WarpState
{
    Ready,
    AtBarrier,
    Done,
}

/// <summary>
/// 32 threads of a block: their registers, and the stack of what is left to do where they are divided.
/// </summary>
internal sealed unsafe class Warp
{
    private readonly List<(int At, int Meet, uint Mask)> _stack = [];

    public Warp(ThreadBlock block, int index)
    {
        (Block, Index) = (block, index);
        Registers = (byte*)NativeMemory.AlignedAlloc((nuint)block.Kernel.Registers.Bytes, 64);
        NativeMemory.Clear(Registers, (nuint)block.Kernel.Registers.Bytes);
        foreach (var ((bits, stride), offset) in block.Kernel.Registers.Constants)
        {
            for (int lane = 0; lane < 32; lane++)
            {
                if (stride == 0)
                    *(uint*)(Registers + offset) = bits != 0 ? uint.MaxValue : 0;
                else if (stride == 8)
                    Lanes.Set(Registers + offset, lane, bits);
                else
                    Lanes.Set(Registers + offset, lane, (uint)bits);
            }
        }
        foreach (var symbol in block.Kernel.Symbols)
        {
            for (int lane = 0; lane < 32; lane++)
            {
                Lanes.Set(
                    Registers + symbol.Slot, lane, block.Launch.SymbolAddress(symbol.Name) + (ulong)symbol.Offset);
            }
        }
    }

    public ThreadBlock Block { get; }

    public int Index { get; }

    public byte* Registers { get; }

    public WarpState State { get; private set; }

    /// <summary>Threads that have not exited.</summary>
    public uint Live { get; private set; }

    /// <summary>The barrier it waits at.</summary>
    public Instruction? Waiting { get; private set; }

    /// <summary>Counts up at each __syncwarp.</summary>
    public uint Phase { get; set; }

    /// <summary>The instruction being executed; for reports.</summary>
    public Instruction? Current { get; private set; }

    /// <summary>Allocation found last.</summary>
    public Allocation? Near { get; set; }

    public uint Predicate(int offset, bool negated)
    {
        uint value = *(uint*)(Registers + offset);
        return negated ? ~value : value;
    }

    public void SetPredicate(int offset, uint value, uint mask)
    {
        uint* place = (uint*)(Registers + offset);
        *place = *place & ~mask | value & mask;
    }

    /// <summary>Puts the warp at the start of its block.</summary>
    public void Start()
    {
        int first = Index * 32, threads = Block.Launch.ThreadsPerBlock;
        Live = threads - first >= 32 ? uint.MaxValue : (1u << threads - first) - 1;
        State = WarpState.Ready;
        Waiting = null;
        Phase = 0;
        _stack.Clear();
        _stack.Add((0, Block.Kernel.Code.Length, Live));
        foreach (var (name, offset) in Block.Kernel.Registers.Specials)
        {
            for (int lane = 0; lane < 32; lane++)
                Lanes.Set(Registers + offset, lane, Block.Special(name, first + lane));
        }
    }

    /// <summary>Leaves the barrier.</summary>
    public void Resume()
    {
        var (at, meet, mask) = _stack[^1];
        _stack[^1] = (at + 1, meet, mask);
        State = WarpState.Ready;
        Waiting = null;
    }

    /// <summary>Runs until a barrier, the end, or <paramref name="most"/> instructions.</summary>
    public void Run(int most)
    {
        var code = Block.Kernel.Code;
        var statistics = Block.Launch.Statistics;
        var counts = statistics.InstructionCounts;
        var covered = statistics.Covered;
        var (at, meet, active) = _stack[^1];
        while (most-- > 0)
        {
            if (at == meet || active == 0)
            {
                if (_stack.Count == 1)
                {
                    State = WarpState.Done;
                    return;
                }
                _stack.RemoveAt(_stack.Count - 1);
                (at, meet, active) = _stack[^1];
                active &= Live;
                continue;
            }
            var instruction = code[at];
            Current = instruction;
            uint mask =
                instruction.Guard < 0 ? active : active & Predicate(instruction.Guard, instruction.GuardNegated);
            covered[instruction.Block] = true;
            counts[at]++;
            statistics.WarpInstructions++;
            statistics.ThreadInstructions += BitOperations.PopCount(mask);
            if (instruction.Kind == InstructionKind.Lanes)
            {
                if (mask != 0)
                    instruction.Run(this, instruction, mask);
                at++;
                continue;
            }
            if (mask == 0)
            {
                at++;
                continue;
            }
            if (instruction.Kind == InstructionKind.Branch)
            {
                if (mask == active)
                {
                    at = instruction.Target;
                }
                else
                {
                    Divide(instruction, at, meet, active, mask);
                    (at, meet, active) = _stack[^1];
                }
            }
            else if (instruction.Kind == InstructionKind.Exit)
            {
                Live &= ~mask;
                active &= ~mask;
                at++;
            }
            else
            {
                if (mask != Live)
                {
                    throw Block.Launch.Failure(
                        this, BitOperations.TrailingZeroCount(mask),
                        $"divergent barrier: {BitOperations.PopCount(mask)} of the warp's "
                            + $"{BitOperations.PopCount(Live)} threads are at it");
                }
                _stack[^1] = (at, meet, active);
                Waiting = instruction;
                State = WarpState.AtBarrier;
                return;
            }
        }
        _stack[^1] = (at, meet, active);
    }

    public void Release() => NativeMemory.AlignedFree(Registers);

    // The lanes go on together where all ways meet; until then those that branch and those that do not run one after
    // the other.
    private void Divide(Instruction branch, int at, int meet, uint active, uint taken)
    {
        _stack[^1] = (branch.Reconvergence, meet, active);
        _stack.Add((at + 1, branch.Reconvergence, active & ~taken));
        _stack.Add((branch.Target, branch.Reconvergence, taken));
    }
}
