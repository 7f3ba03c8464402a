using System.Collections;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Flixstock.Engine;

/// <summary>The width of the vectors that the processor's kernels use, and the reason for it.</summary>
/// <param name="Bits">Width in bits: 512, 256 or 128; 0: none.</param>
/// <param name="Reason">The reason in words.</param>
internal sealed record VectorReport(int Bits, string Reason)
{
    /// <summary>Looks at this process.</summary>
    public static VectorReport Read() => Describe(
        Vector512.IsHardwareAccelerated
            ? 512
            : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0,
        HasAvx512(), X86Base.IsSupported,
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(
            entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.OrdinalIgnoreCase));

    /// <summary>Describes any process.</summary>
    /// <param name="bits">Width in use, in bits.</param>
    /// <param name="present">The processor has AVX-512; null: not known.</param>
    /// <param name="x86">An Intel or AMD processor, as far as the runtime may use it.</param>
    /// <param name="environment">Environment variables of the process.</param>
    internal static VectorReport Describe(
        int bits, bool? present, bool x86, IReadOnlyDictionary<string, string> environment)
    {
        var given = environment.Where(entry => Restricts(entry.Key, entry.Value))
            .Select(entry => $"{entry.Key}={entry.Value}").Order(StringComparer.Ordinal).ToList();
        var settings = string.Join(", ", given);
        if (bits == 512)
            return new VectorReport(bits, "AVX-512");
        if (given.Count > 0)
        {
            return new VectorReport(
                bits, $"narrower by {settings}; without that variable the processor's full width is used");
        }
        if (bits == 0)
            return new VectorReport(bits, "the runtime uses no vectors here; kernels are slow");
        if (!x86)
            return new VectorReport(bits, "all that this kind of processor has for us");
        return new VectorReport(bits, present switch
        {
            true => "the processor has AVX-512, but the runtime prefers 256 bits on it; "
                + "DOTNET_PreferredVectorBitWidth=200 (hexadecimal for 512) changes that",
            false => "the processor has no AVX-512",
            _ => "AVX-512 is not available",
        });
    }

    // Switches of .NET's compiler: 0 turns instructions off, a preferred width is hexadecimal.
    private static bool Restricts(string name, string value)
    {
        var at = name.IndexOf('_', StringComparison.Ordinal);
        if (at < 0 || name[..at].ToUpperInvariant() is not ("DOTNET" or "COMPLUS"))
            return false;
        var setting = name[(at + 1)..].ToUpperInvariant();
        if (setting == "PREFERREDVECTORBITWIDTH")
        {
            return int.TryParse(
                value, System.Globalization.NumberStyles.HexNumber,
                System.Globalization.CultureInfo.InvariantCulture, out var bits) && bits is > 0 and < 512;
        }
        return value.Trim() == "0" && (setting.StartsWith("ENABLEAVX", StringComparison.Ordinal)
            || setting is "ENABLEHWINTRINSIC" or "ENABLEFMA" or "ENABLEBMI1" or "ENABLEBMI2" or "ENABLESSE42"
                or "ENABLEARM64ADVSIMD");
    }

    // Leaf 7, EBX bit 16: AVX-512 Foundation. The processor says so regardless of the runtime's settings.
    private static bool? HasAvx512() => X86Base.IsSupported ? (X86Base.CpuId(7, 0).Ebx >> 16 & 1) == 1 : null;
}
