using System.Numerics;

namespace Flixstock.PtxEmulator;

/// <summary>atom and red, lane after lane.</summary>
internal static unsafe class Atomics
{
    public static void Run(Warp warp, Instruction i, uint mask)
    {
        var requests = new RequestCounter(warp, i.Bytes);
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            byte* place = MemoryAccess.Resolve(warp, i, lane, i.Bytes, write: true, ref requests);
            ulong old = i.Bytes switch { 2 => *(ushort*)place, 4 => *(uint*)place, _ => *(ulong*)place };
            ulong b = Value(warp, i.B, lane, i.Bytes), c = i.C > 0 ? Value(warp, i.C, lane, i.Bytes) : 0;
            ulong result = Combine(i, old, b, c);
            if (i.Bytes == 8)
                *(ulong*)place = result;
            else if (i.Bytes == 4)
                *(uint*)place = (uint)result;
            else
                *(ushort*)place = (ushort)result;
            if (i.D >= 0 && i.Bytes == 8)
                Lanes.Set(warp.Registers + i.D, lane, old);
            else if (i.D >= 0)
                Lanes.Set(warp.Registers + i.D, lane, (uint)old);
        }
        requests.Finish();
    }

    private static ulong Value(Warp warp, int register, int lane, int bytes) =>
        bytes == 8
            ? Lanes.Get<ulong>(warp.Registers + register, lane)
            : Lanes.Get<uint>(warp.Registers + register, lane);

    private static ulong Combine(Instruction i, ulong old, ulong b, ulong c)
    {
        var type = i.Statement.Words[^1];
        return type switch
        {
            "f32" => BitConverter.SingleToUInt32Bits(
                BitConverter.UInt32BitsToSingle((uint)old) + BitConverter.UInt32BitsToSingle((uint)b)),
            "f64" => BitConverter.DoubleToUInt64Bits(
                BitConverter.UInt64BitsToDouble(old) + BitConverter.UInt64BitsToDouble(b)),
            "f16" or "f16x2" or "bf16" or "bf16x2" => Sixteens(type, (uint)old, (uint)b),
            "s32" => (uint)Integer(i.Mode, (int)old, (int)b, (int)c),
            "s64" => (ulong)Integer(i.Mode, (long)old, (long)b, (long)c),
            "u32" or "b32" => Integer(i.Mode, (uint)old, (uint)b, (uint)c),
            "b16" => Integer(i.Mode, (ushort)old, (ushort)b, (ushort)c),
            _ => Integer(i.Mode, old, b, c),
        };
    }

    private static T Integer<T>(string mode, T old, T b, T c) where T : unmanaged, IBinaryInteger<T> => mode switch
    {
        "add" => unchecked(old + b),
        "min" => T.Min(old, b),
        "max" => T.Max(old, b),
        "and" => old & b,
        "or" => old | b,
        "xor" => old ^ b,
        "exch" => b,
        "cas" => old == b ? c : old,
        "inc" => old >= b ? T.Zero : old + T.One,
        _ => T.IsZero(old) || old > b ? b : old - T.One,
    };

    private static uint Sixteens(string type, uint old, uint b)
    {
        bool half = type[0] == 'f';
        uint low = One((ushort)old, (ushort)b),
            high = type.EndsWith("x2", StringComparison.Ordinal) ? One((ushort)(old >> 16), (ushort)(b >> 16)) : 0;
        return high << 16 | low;

        uint One(ushort x, ushort y) => half
            ? Sixteen.ToHalf(
                (double)BitConverter.UInt16BitsToHalf(x) + (double)BitConverter.UInt16BitsToHalf(y), Rounding.Nearest)
            : Sixteen.ToBfloat((double)Sixteen.FromBfloat(x) + Sixteen.FromBfloat(y), Rounding.Nearest);
    }
}
