namespace Flixstock.PtxEmulator;

/// <summary>Type suffixes of PTX.</summary>
internal static class PtxType
{
    /// <summary>Bytes of one value; "pred" has 0.</summary>
    public static int Bytes(string type) => type switch
    {
        "pred" => 0,
        "b8" or "u8" or "s8" => 1,
        "b16" or "u16" or "s16" or "f16" or "bf16" => 2,
        "b32" or "u32" or "s32" or "f32" or "f16x2" or "bf16x2" => 4,
        "b64" or "u64" or "s64" or "f64" => 8,
        _ => throw new PtxException($"type '.{type}' is not known"),
    };

    public static bool IsType(string word) =>
        word is "pred" or "b8" or "u8" or "s8" or "b16" or "u16" or "s16" or "f16" or "bf16"
            or "b32" or "u32" or "s32" or "f32" or "f16x2" or "bf16x2" or "b64" or "u64" or "s64" or "f64";

    /// <summary>Bytes a lane takes in the register file: 4, or 8 for 64-bit values.</summary>
    public static int Stride(string type) => Bytes(type) == 8 ? 8 : 4;
}
