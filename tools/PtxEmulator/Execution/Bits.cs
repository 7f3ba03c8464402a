using System.Numerics;

namespace Flixstock.PtxEmulator;


/// <summary>Shifts by more than the width give 0 or the sign, unlike those of C#.</summary>
internal static class Shift
{
    public static T Left<T>(T value, uint amount) where T : unmanaged, IBinaryInteger<T> =>
        amount >= value.GetByteCount() * 8 ? T.Zero : value << (int)amount;

    public static T Right<T>(T value, uint amount) where T : unmanaged, IBinaryInteger<T> =>
        amount >= value.GetByteCount() * 8 ? T.IsNegative(value) ? ~T.Zero : T.Zero : value >> (int)amount;
}

/// <summary>Instructions on bits that mix widths.</summary>
internal static unsafe class Bits
{
    public static void Left<T>(Warp warp, Instruction i, uint mask) where T : unmanaged, IBinaryInteger<T>
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A, b = warp.Registers + i.B;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Lanes.Set(d, lane, Shift.Left(Lanes.Get<T>(a, lane), Lanes.Get<uint>(b, lane)));
        }
    }

    public static void Right<T>(Warp warp, Instruction i, uint mask) where T : unmanaged, IBinaryInteger<T>
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A, b = warp.Registers + i.B;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Lanes.Set(d, lane, Shift.Right(Lanes.Get<T>(a, lane), Lanes.Get<uint>(b, lane)));
        }
    }

    /// <summary>bfe: C bits of A from bit B on, with the sign of the last one for signed types.</summary>
    public static void Extract<T>(Warp warp, Instruction i, uint mask) where T : unmanaged, IBinaryInteger<T>
    {
        byte* r = warp.Registers;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Lanes.Set(r + i.D, lane, ExtractOne(
                Lanes.Get<T>(r + i.A, lane), (int)(Lanes.Get<uint>(r + i.B, lane) & 255),
                (int)(Lanes.Get<uint>(r + i.C, lane) & 255)));
        }
    }

    private static T ExtractOne<T>(T value, int position, int length) where T : unmanaged, IBinaryInteger<T>
    {
        int width = value.GetByteCount() * 8;
        if (length == 0)
            return T.Zero;
        bool signed = T.IsNegative(~T.Zero);
        bool sign = signed && (Shift.Right(value, (uint)Math.Min(position + length - 1, width - 1)) & T.One) == T.One;
        length = Math.Min(length, width);
        var ones = length == width ? ~T.Zero : (T.One << length) - T.One;
        int available = Math.Max(0, width - position);
        var logical = position >= width
            ? T.Zero
            : value >> position & (available >= width ? ~T.Zero : (T.One << available) - T.One);
        var field = logical & ones;
        return sign
            ? field | ~(Math.Min(length, available) >= width ? ~T.Zero : (T.One << Math.Min(length, available)) - T.One)
            : field;
    }

    /// <summary>bfi: E bits of A into B from bit C on.</summary>
    public static void Insert<T>(Warp warp, Instruction i, uint mask) where T : unmanaged, IBinaryInteger<T>
    {
        byte* r = warp.Registers;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            uint position = Lanes.Get<uint>(r + i.C, lane) & 255, length = Lanes.Get<uint>(r + i.E, lane) & 255;
            T a = Lanes.Get<T>(r + i.A, lane), b = Lanes.Get<T>(r + i.B, lane);
            var ones = length >= b.GetByteCount() * 8 ? ~T.Zero : (T.One << (int)length) - T.One;
            var field = Shift.Left(ones, position);
            Lanes.Set(r + i.D, lane, b & ~field | Shift.Left(a, position) & field);
        }
    }

    /// <summary>lop3: bit by bit, a table of eight.</summary>
    public static void Logic(Warp warp, Instruction i, uint mask)
    {
        byte* r = warp.Registers;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            uint a = Lanes.Get<uint>(r + i.A, lane), b = Lanes.Get<uint>(r + i.B, lane),
                c = Lanes.Get<uint>(r + i.C, lane), result = 0;
            for (int entry = 0; entry < 8; entry++)
            {
                if ((i.Offset >> entry & 1) != 0)
                    result |= ((entry & 4) != 0 ? a : ~a) & ((entry & 2) != 0 ? b : ~b) & ((entry & 1) != 0 ? c : ~c);
            }
            Lanes.Set(r + i.D, lane, result);
        }
    }

    /// <summary>prmt in its default mode: four bytes chosen from eight.</summary>
    public static void Permute(Warp warp, Instruction i, uint mask)
    {
        byte* r = warp.Registers;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ulong bytes = Lanes.Get<uint>(r + i.A, lane) | (ulong)Lanes.Get<uint>(r + i.B, lane) << 32;
            uint choice = Lanes.Get<uint>(r + i.C, lane), result = 0;
            for (int at = 0; at < 4; at++)
            {
                uint select = choice >> 4 * at & 15;
                uint value = (uint)(bytes >> (int)(8 * (select & 7))) & 255;
                if ((select & 8) != 0)
                    value = (value & 128) != 0 ? 255u : 0;
                result |= value << 8 * at;
            }
            Lanes.Set(r + i.D, lane, result);
        }
    }

    /// <summary>shf: 32 bits out of the 64 of B:A, shifted.</summary>
    public static void Funnel(Warp warp, Instruction i, uint mask)
    {
        byte* r = warp.Registers;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ulong both = Lanes.Get<uint>(r + i.A, lane) | (ulong)Lanes.Get<uint>(r + i.B, lane) << 32;
            uint amount = Lanes.Get<uint>(r + i.C, lane);
            int shift = (int)(i.Saturate ? Math.Min(amount, 32) : amount & 31);
            Lanes.Set(r + i.D, lane, i.Mode == "l" ? (uint)(both << shift >> 32) : (uint)(both >> shift));
        }
    }

    /// <summary>
    /// bfind: place of the highest bit that differs from the sign, or how far it must be shifted to the top.
    /// </summary>
    public static void Highest<T>(Warp warp, Instruction i, uint mask) where T : unmanaged, IBinaryInteger<T>
    {
        byte* r = warp.Registers;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            T a = Lanes.Get<T>(r + i.A, lane);
            if (T.IsNegative(a))
                a = ~a;
            uint leading = uint.CreateTruncating(T.LeadingZeroCount(a)), width = (uint)a.GetByteCount() * 8;
            uint found = leading == width ? uint.MaxValue : i.Saturate ? leading : width - 1 - leading;
            Lanes.Set(r + i.D, lane, found);
        }
    }

    /// <summary>popc and clz of 64 bits: the result has 32.</summary>
    public static void Narrow<TOp>(Warp warp, Instruction i, uint mask) where TOp : IUnary<ulong>
    {
        byte* r = warp.Registers;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            Lanes.Set(r + i.D, lane, (uint)TOp.Of(Lanes.Get<ulong>(r + i.A, lane)));
        }
    }

    /// <summary>mov of several registers into one.</summary>
    public static void Pack(Warp warp, Instruction i, uint mask)
    {
        byte* r = warp.Registers;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ulong value = 0;
            for (int part = 0; part < i.Vector.Length; part++)
            {
                value |= (ulong)(Lanes.Get<uint>(r + i.Vector[part], lane)
                    & (i.Bytes == 4 ? uint.MaxValue : (1u << 8 * i.Bytes) - 1)) << 8 * i.Bytes * part;
            }
            if (i.StrideD == 8)
                Lanes.Set(r + i.D, lane, value);
            else
                Lanes.Set(r + i.D, lane, (uint)value);
        }
    }

    /// <summary>mov of one register into several.</summary>
    public static void Unpack(Warp warp, Instruction i, uint mask)
    {
        byte* r = warp.Registers;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ulong value = i.StrideA == 8 ? Lanes.Get<ulong>(r + i.A, lane) : Lanes.Get<uint>(r + i.A, lane);
            for (int part = 0; part < i.Vector.Length; part++)
            {
                if (i.Vector[part] >= 0)
                {
                    Lanes.Set(
                        r + i.Vector[part], lane,
                        (uint)(value >> 8 * i.Bytes * part) & (i.Bytes == 4 ? uint.MaxValue : (1u << 8 * i.Bytes) - 1));
                }
            }
        }
    }
}
