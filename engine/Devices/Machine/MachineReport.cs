using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Flixstock.Engine;

/// <summary>Describes the processor side of a machine: everything that decides how fast it trains.</summary>
/// <param name="Engine">Version of this program.</param>
/// <param name="Runtime">Runtime, such as ".NET 10.0.1, linux-x64".</param>
/// <param name="System">Operating system.</param>
/// <param name="Processor">Name of the processor.</param>
/// <param name="Vectors">Width of the vectors that kernels use.</param>
/// <param name="Threads">Number of threads of a <see cref="CpuDevice"/> that is given 0.</param>
/// <param name="LogicalProcessors">Number of the machine's logical processors; null: not known.</param>
/// <param name="Cores">Number of the machine's cores; null: not known.</param>
/// <param name="Limits">Limits of the control group that the process is in.</param>
/// <param name="TotalBytes">Memory that this process could have.</param>
/// <param name="AvailableBytes">Bytes of memory that are unused; null: not known.</param>
internal sealed record MachineReport(
    string Engine, string Runtime, string System, string Processor, VectorReport Vectors, int Threads,
    int? LogicalProcessors, int? Cores, ControlGroup Limits, long TotalBytes, long? AvailableBytes)
{
    /// <summary>Looks at this machine.</summary>
    /// <param name="root">The file system's root; another one in tests.</param>
    public static MachineReport Read(string root = "/")
    {
        var limits = ControlGroup.Read(root);
        var processors = ProcessorEntries(Path.Combine(root, "proc/cpuinfo"));
        var (total, available) = Memory(Path.Combine(root, "proc/meminfo"), limits);
        return new MachineReport(
            typeof(MachineReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion.Split('+')[0] ?? "",
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}",
            RuntimeInformation.OSDescription.Trim(), ProcessorName(processors), VectorReport.Read(),
            Environment.ProcessorCount, processors.Count > 0 ? processors.Count : null, CoresOf(processors), limits,
            total, available);
    }

    // One dictionary for each logical processor.
    private static List<Dictionary<string, string>> ProcessorEntries(string file)
    {
        if (!File.Exists(file))
            return [];
        var entries = new List<Dictionary<string, string>> { new(StringComparer.Ordinal) };
        foreach (var line in File.ReadLines(file))
        {
            if (line.Length == 0)
                entries.Add(new Dictionary<string, string>(StringComparer.Ordinal));
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var at)
                entries[^1][line[..at].Trim()] = line[(at + 1)..].Trim();
        }
        return [.. entries.Where(entry => entry.ContainsKey("processor"))];
    }

    private static int? CoresOf(List<Dictionary<string, string>> processors)
    {
        var cores = processors.Where(entry => entry.ContainsKey("core id"))
            .Select(entry => (entry.GetValueOrDefault("physical id"), entry["core id"])).Distinct().Count();
        return cores > 0 ? cores : null;
    }

    private static string ProcessorName(List<Dictionary<string, string>> processors)
    {
        foreach (var key in new[] { "model name", "Model", "Hardware" })
        {
            if (processors.Select(entry => entry.GetValueOrDefault(key))
                .FirstOrDefault(name => !string.IsNullOrEmpty(name)) is { } name)
            {
                return name;
            }
        }
        return Brand() is { Length: > 0 } brand ? brand : $"{RuntimeInformation.ProcessArchitecture} processor";
    }

    // Intel's and AMD's processors tell their name themselves, 16 letters in each of three answers.
    private static string Brand()
    {
        const uint First = 0x80000002, Highest = 0x80000000;
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)Highest), 0).Eax < First + 2)
            return "";
        var bytes = new List<byte>();
        for (var leaf = First; leaf < First + 3; leaf++)
        {
            var (a, b, c, d) = X86Base.CpuId(unchecked((int)leaf), 0);
            foreach (var register in new[] { a, b, c, d })
                bytes.AddRange(BitConverter.GetBytes(register));
        }
        return Encoding.ASCII.GetString([.. bytes.TakeWhile(letter => letter != 0)]).Trim();
    }

    private static (long Total, long? Available) Memory(string file, ControlGroup limits)
    {
        var host = GC.GetGCMemoryInfo();
        var (total, available) = (
            host.TotalAvailableMemoryBytes,
            host.MemoryLoadBytes > 0 ? host.TotalAvailableMemoryBytes - host.MemoryLoadBytes : (long?)null);
        if (File.Exists(file))
        {
            var entries = File.ReadLines(file).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(parts => parts is [_, _, "kB"]).ToDictionary(
                    parts => parts[0].TrimEnd(':'), parts => 1024 * long.Parse(parts[1], CultureInfo.InvariantCulture),
                    StringComparer.Ordinal);
            (total, available) = (
                entries.GetValueOrDefault("MemTotal", total),
                entries.TryGetValue("MemAvailable", out var free) ? free : available);
        }
        if (limits.MemoryBytes is { } limit)
        {
            (total, available) =
                (Math.Min(total, limit), Math.Min(available ?? limit, limits.MemoryLeftBytes ?? limit));
        }
        return (total, available);
    }
}
