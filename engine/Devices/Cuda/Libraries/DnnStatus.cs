namespace Flixstock.Engine;

/// <summary>The meaning of a cuDNN status: version 9 numbers them anew, in thousands by kind.</summary>
internal static class DnnStatus
{
    /// <summary>"9.6.0" for 90600, "8.9.7" for 8907.</summary>
    public static string VersionText(nuint version) => IsNine(version)
        ? $"{version / 10000}.{version / 100 % 100}.{version % 100}"
        : $"{version / 1000}.{version / 100 % 10}.{version % 100}";

    /// <summary>True if a status says that the library has nothing for this work, not that something broke.</summary>
    public static bool IsUnsupported(int status) => status is 9 or (>= 3000 and < 4000);

    // 8.x is major * 1000 + minor * 100 + patch, 9.x major * 10000 + minor * 100 + patch.
    private static bool IsNine(nuint version) => version >= 90000;
}
