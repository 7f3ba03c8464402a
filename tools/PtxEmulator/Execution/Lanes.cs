using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flixstock.PtxEmulator;

internal interface IUnary<T>
{
    static abstract T Of(T a);
}

internal interface IBinary<T>
{
    static abstract T Of(T a, T b);

    static virtual bool HasVector => false;

    static virtual Vector512<T> Of(Vector512<T> a, Vector512<T> b) => throw new NotSupportedException();
}

internal interface ITernary<T>
{
    static abstract T Of(T a, T b, T c);

    static virtual bool HasVector => false;

    static virtual Vector512<T> Of(Vector512<T> a, Vector512<T> b, Vector512<T> c) => throw new NotSupportedException();
}

internal interface ICompare<T>
{
    static abstract bool Of(T a, T b);
}

/// <summary>
/// Loops over the lanes of a warp. A full warp takes whole vectors where the operation has them; a divided one goes
/// from set bit to set bit.
/// </summary>
internal static unsafe class Lanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Get<T>(byte* register, int lane) where T : unmanaged =>
        sizeof(T) == 8 ? ((T*)register)[lane] : *(T*)(register + 4 * lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set<T>(byte* register, int lane, T value) where T : unmanaged
    {
        if (sizeof(T) < 4)
            *(uint*)(register + 4 * lane) = 0;
        if (sizeof(T) == 8)
            ((T*)register)[lane] = value;
        else
            *(T*)(register + 4 * lane) = value;
    }

    public static void Unary<T, TOp>(Warp warp, Instruction i, uint mask) where T : unmanaged where TOp : IUnary<T>
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Set(d, lane, TOp.Of(Get<T>(a, lane)));
        }
    }

    public static void Binary<T, TOp>(Warp warp, Instruction i, uint mask) where T : unmanaged where TOp : IBinary<T>
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A, b = warp.Registers + i.B;
        if (TOp.HasVector && sizeof(T) >= 4 && mask == uint.MaxValue)
        {
            for (int at = 0; at < 32 * sizeof(T); at += 64)
                TOp.Of(Vector512.Load((T*)(a + at)), Vector512.Load((T*)(b + at))).Store((T*)(d + at));
            return;
        }
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Set(d, lane, TOp.Of(Get<T>(a, lane), Get<T>(b, lane)));
        }
    }

    public static void Ternary<T, TOp>(Warp warp, Instruction i, uint mask) where T : unmanaged where TOp : ITernary<T>
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A, b = warp.Registers + i.B, c = warp.Registers + i.C;
        if (TOp.HasVector && sizeof(T) >= 4 && mask == uint.MaxValue)
        {
            for (int at = 0; at < 32 * sizeof(T); at += 64)
            {
                TOp.Of(Vector512.Load((T*)(a + at)), Vector512.Load((T*)(b + at)), Vector512.Load((T*)(c + at)))
                    .Store((T*)(d + at));
            }
            return;
        }
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Set(d, lane, TOp.Of(Get<T>(a, lane), Get<T>(b, lane), Get<T>(c, lane)));
        }
    }

    /// <summary>
    /// setp: a mask of the lanes where it holds, joined with a third predicate where the instruction has one.
    /// </summary>
    public static void Compare<T, TOp>(Warp warp, Instruction i, uint mask) where T : unmanaged where TOp : ICompare<T>
    {
        uint result = Holds<T, TOp>(warp, i, mask);
        uint other = i.Mode.Length == 0 ? 0 : warp.Predicate(i.C, i.NegatedC);
        warp.SetPredicate(i.D, Join(i.Mode, result, other), mask);
        if (i.D2 >= 0)
            warp.SetPredicate(i.D2, Join(i.Mode, ~result, other), mask);
    }

    /// <summary>set: all bits or 0, or 1.0 or 0.</summary>
    public static void CompareToValue<T, TOp>(Warp warp, Instruction i, uint mask) where T : unmanaged
        where TOp : ICompare<T>
    {
        uint result = Holds<T, TOp>(warp, i, mask);
        uint yes = i.IsFloat ? BitConverter.SingleToUInt32Bits(1) : uint.MaxValue;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Set(warp.Registers + i.D, lane, (result >> lane & 1) != 0 ? yes : 0);
        }
    }

    private static uint Join(string mode, uint result, uint other) => mode switch
    {
        "" => result,
        "and" => result & other,
        "or" => result | other,
        _ => result ^ other,
    };

    private static uint Holds<T, TOp>(Warp warp, Instruction i, uint mask) where T : unmanaged where TOp : ICompare<T>
    {
        byte* a = warp.Registers + i.A, b = warp.Registers + i.B;
        uint result = 0;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            if (TOp.Of(Get<T>(a, lane), Get<T>(b, lane)))
                result |= 1u << lane;
        }
        return result;
    }

    public static void Select<T>(Warp warp, Instruction i, uint mask) where T : unmanaged
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A, b = warp.Registers + i.B;
        uint choice = warp.Predicate(i.C, i.NegatedC);
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Set(d, lane, (choice >> lane & 1) != 0 ? Get<T>(a, lane) : Get<T>(b, lane));
        }
    }

    /// <summary>mul.wide and mad.wide: products of 32 or 16 bits at twice the width.</summary>
    public static void Wide<TNarrow, TWide>(Warp warp, Instruction i, uint mask)
        where TNarrow : unmanaged, IBinaryInteger<TNarrow> where TWide : unmanaged, IBinaryInteger<TWide>
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A, b = warp.Registers + i.B, c = warp.Registers + i.C;
        bool add = i.C != 0;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            var product = TWide.CreateTruncating(Get<TNarrow>(a, lane)) * TWide.CreateTruncating(Get<TNarrow>(b, lane));
            Set(d, lane, add ? product + Get<TWide>(c, lane) : product);
        }
    }

    public static void Copy<T>(Warp warp, Instruction i, uint mask) where T : unmanaged
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A;
        if (mask == uint.MaxValue)
        {
            Buffer.MemoryCopy(a, d, 32 * (sizeof(T) == 8 ? 8 : 4), 32 * (sizeof(T) == 8 ? 8 : 4));
            return;
        }
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Set(d, lane, Get<T>(a, lane));
        }
    }
}
