using System.Numerics;

namespace Flixstock.PtxEmulator;

/// <summary>
/// Instructions in which the threads of a warp see each other: shuffles, votes, reductions, __syncwarp; and what orders
/// memory.
/// </summary>
internal static unsafe class WarpOperations
{
    public static void Shuffle(Warp warp, Instruction i, uint mask)
    {
        CheckMembers(warp, i, mask, i.E);
        byte* r = warp.Registers;
        Span<uint> values = stackalloc uint[32];
        new ReadOnlySpan<uint>(r + i.A, 32).CopyTo(values);
        uint inside = 0;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            int step = (int)(Lanes.Get<uint>(r + i.B, lane) & 31);
            uint control = Lanes.Get<uint>(r + i.C, lane);
            int clamp = (int)(control & 31), segment = (int)(control >> 8 & 31);
            int last = lane & segment | clamp & ~segment & 31, first = lane & segment;
            int from = i.Mode switch
            {
                "up" => lane - step,
                "down" => lane + step,
                "bfly" => lane ^ step,
                _ => first | step & ~segment & 31,
            };
            bool valid = i.Mode == "up" ? from >= last : from <= last;
            if (!valid)
                from = lane;
            if ((mask >> from & 1) == 0)
                throw warp.Block.Launch.Failure(warp, lane, $"shuffle from lane {from}, which is not active");
            inside |= valid ? 1u << lane : 0;
            Lanes.Set(r + i.D, lane, values[from]);
        }
        if (i.D2 >= 0)
            warp.SetPredicate(i.D2, inside, mask);
    }

    public static void Vote(Warp warp, Instruction i, uint mask)
    {
        CheckMembers(warp, i, mask, i.B);
        uint value = warp.Predicate(i.A, i.NegatedA) & mask;
        if (i.Mode == "ballot")
        {
            for (uint rest = mask; rest != 0; rest &= rest - 1)
                Lanes.Set(warp.Registers + i.D, BitOperations.TrailingZeroCount(rest), value);
            return;
        }
        bool result = i.Mode switch { "all" => value == mask, "any" => value != 0, _ => value == mask || value == 0 };
        warp.SetPredicate(i.D, result ? uint.MaxValue : 0, mask);
    }

    /// <summary>match.any: the lanes that hold the same value.</summary>
    public static void Match(Warp warp, Instruction i, uint mask)
    {
        CheckMembers(warp, i, mask, i.B);
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            uint same = 0;
            for (uint others = mask; others != 0; others &= others - 1)
            {
                int other = BitOperations.TrailingZeroCount(others);
                bool equal = i.Bytes == 8
                    ? Lanes.Get<ulong>(warp.Registers + i.A, lane) == Lanes.Get<ulong>(warp.Registers + i.A, other)
                    : Lanes.Get<uint>(warp.Registers + i.A, lane) == Lanes.Get<uint>(warp.Registers + i.A, other);
                same |= equal ? 1u << other : 0;
            }
            Lanes.Set(warp.Registers + i.D, lane, same);
        }
    }

    /// <summary>redux.</summary>
    public static void Reduce(Warp warp, Instruction i, uint mask)
    {
        CheckMembers(warp, i, mask, i.B);
        uint result = Lanes.Get<uint>(warp.Registers + i.A, BitOperations.TrailingZeroCount(mask));
        for (uint rest = mask & mask - 1; rest != 0; rest &= rest - 1)
        {
            uint value = Lanes.Get<uint>(warp.Registers + i.A, BitOperations.TrailingZeroCount(rest));
            result = i.Mode switch
            {
                "add" => result + value,
                "and" => result & value,
                "or" => result | value,
                "xor" => result ^ value,
                "min" => i.Signed ? (uint)Math.Min((int)result, (int)value) : Math.Min(result, value),
                _ => i.Signed ? (uint)Math.Max((int)result, (int)value) : Math.Max(result, value),
            };
        }
        for (uint rest = mask; rest != 0; rest &= rest - 1)
            Lanes.Set(warp.Registers + i.D, BitOperations.TrailingZeroCount(rest), result);
    }

    public static void ActiveMask(Warp warp, Instruction i, uint mask)
    {
        for (uint rest = mask; rest != 0; rest &= rest - 1)
            Lanes.Set(warp.Registers + i.D, BitOperations.TrailingZeroCount(rest), mask);
    }

    /// <summary>bar.warp.sync.</summary>
    public static void Synchronise(Warp warp, Instruction i, uint mask)
    {
        CheckMembers(warp, i, mask, i.A);
        warp.Phase++;
    }

    /// <summary>membar.gl, membar.sys and fences of these scopes.</summary>
    public static void Fence(Warp warp, Instruction i, uint mask) => warp.Block.Order.Fence(warp.Index, mask);

    /// <summary>What orders or hurries accesses that are in order here: the block's own, and hints.</summary>
    public static void Nothing(Warp warp, Instruction i, uint mask)
    {
    }

    public static void Trap(Warp warp, Instruction i, uint mask) =>
        throw warp.Block.Launch.Failure(warp, BitOperations.TrailingZeroCount(mask), "the kernel stopped itself");

    private static void CheckMembers(Warp warp, Instruction i, uint mask, int register)
    {
        int lane = BitOperations.TrailingZeroCount(mask);
        uint members = Lanes.Get<uint>(warp.Registers + register, lane) & warp.Live;
        if (members != mask)
        {
            throw warp.Block.Launch.Failure(
                warp, lane, $"{i.Statement.Mnemonic} names lanes 0x{members:x8}, but 0x{mask:x8} are at it");
        }
    }
}
