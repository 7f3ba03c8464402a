using System.Numerics;

namespace Flixstock.PtxEmulator;

internal readonly struct Equal<T> : ICompare<T> where T : INumber<T>
{
    public static bool Of(T a, T b) => a == b;
}

internal readonly struct Unequal<T> : ICompare<T> where T : INumber<T>
{
    public static bool Of(T a, T b) => a != b;
}

internal readonly struct OrderedUnequal<T> : ICompare<T> where T : INumber<T>
{
    public static bool Of(T a, T b) => a < b || a > b;
}

internal readonly struct Less<T> : ICompare<T> where T : INumber<T>
{
    public static bool Of(T a, T b) => a < b;
}

internal readonly struct LessOrEqual<T> : ICompare<T> where T : INumber<T>
{
    public static bool Of(T a, T b) => a <= b;
}

internal readonly struct Greater<T> : ICompare<T> where T : INumber<T>
{
    public static bool Of(T a, T b) => a > b;
}

internal readonly struct GreaterOrEqual<T> : ICompare<T> where T : INumber<T>
{
    public static bool Of(T a, T b) => a >= b;
}

internal readonly struct Unordered<T> : ICompare<T> where T : INumber<T>
{
    public static bool Of(T a, T b) => T.IsNaN(a) || T.IsNaN(b);
}

internal readonly struct Inverse<T, TOp> : ICompare<T> where TOp : ICompare<T>
{
    public static bool Of(T a, T b) => !TOp.Of(a, b);
}

/// <summary>and, or, xor and not of predicates: masks of the warp.</summary>
internal static class PredicateLogic
{
    public static void Run(Warp warp, Instruction i, uint mask)
    {
        uint a = warp.Predicate(i.A, i.NegatedA), b = i.B > 0 ? warp.Predicate(i.B, i.NegatedB) : 0;
        uint result = i.Mode switch { "and" => a & b, "or" => a | b, "xor" => a ^ b, "not" => ~a, _ => a };
        warp.SetPredicate(i.D, result, mask);
    }
}
