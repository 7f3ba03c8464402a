namespace Flixstock.Engine;

/// <summary>
/// Precision of convolutions and activations. Parameters, statistics, losses and the optimizer are always in single
/// precision.
/// </summary>
public enum Precision
{
    /// <summary>Single precision, and nothing less.</summary>
    Fp32,
    /// <summary>Stored in single precision; tensor cores round the factors of convolutions to 10 bits.</summary>
    Tf32,
    /// <summary>IEEE half precision, with a loss scale that follows the gradients' size.</summary>
    Fp16,
    /// <summary>The upper 16 bits of a single: no loss scale is needed.</summary>
    Bf16,
}

/// <summary>Facts about precisions.</summary>
public static class Precisions
{
    /// <summary>Type of activations.</summary>
    public static ElementType ActivationType(this Precision precision) => precision switch
    {
        Precision.Fp16 => ElementType.Float16,
        Precision.Bf16 => ElementType.BFloat16,
        _ => ElementType.Float32,
    };

    /// <summary>The precision's name in files and tables: fp32, tf32, fp16, bf16.</summary>
    public static string Name(this Precision precision) => precision switch
    {
        Precision.Tf32 => "tf32",
        Precision.Fp16 => "fp16",
        Precision.Bf16 => "bf16",
        _ => "fp32",
    };
}
