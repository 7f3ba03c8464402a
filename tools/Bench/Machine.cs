using System.Runtime.InteropServices;

namespace Flixstock.Bench;

/// <summary>What a benchmark row says about where it was measured.</summary>
internal static class Machine
{
    /// <summary>The processor as the system names it, and its threads.</summary>
    public static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        var name = File.Exists(Info)
            ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(':', 2)[1].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return $"{name ?? RuntimeInformation.ProcessArchitecture.ToString()} ({Environment.ProcessorCount} threads)";
    }
}
