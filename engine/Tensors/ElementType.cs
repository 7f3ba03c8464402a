namespace Flixstock.Engine;

/// <summary>Type of a tensor's elements.</summary>
public enum ElementType
{
    /// <summary>IEEE single precision, the only type the CPU device computes in.</summary>
    Float32,
    /// <summary>IEEE half precision.</summary>
    Float16,
    /// <summary>The upper 16 bits of a single.</summary>
    BFloat16,
    /// <summary>Pixels, 0 to 255.</summary>
    UInt8,
    /// <summary>Labels: 1 positive, 0 negative, -1 unknown.</summary>
    Int8,
    /// <summary>Counters and flags.</summary>
    Int32,
}

/// <summary>Facts about element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes per element.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Float32 or ElementType.Int32 => 4,
        ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.UInt8 or ElementType.Int8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };
}
