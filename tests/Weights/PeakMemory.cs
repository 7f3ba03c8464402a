namespace Flixstock.Tests.Weights;

/// <summary>The most memory that this process held at once, as Linux counts it.</summary>
internal static class PeakMemory
{
    /// <summary>Begins anew; what is held now, in bytes.</summary>
    public static long Restart()
    {
        GC.Collect();
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Bytes();
    }

    /// <summary>The peak since then, in bytes.</summary>
    public static long Bytes() => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        System.Globalization.CultureInfo.InvariantCulture);
}
