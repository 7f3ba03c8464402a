using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// The share of a Linux machine that a container or a service may use: the tightest limit between its control group and
/// the root, of both versions of control groups.
/// </summary>
/// <param name="Processors">Number of processors, such as 1.5; null: no limit.</param>
/// <param name="MemoryBytes">Bytes of memory; null: no limit.</param>
/// <param name="MemoryLeftBytes">Bytes of it that are unused, including memory that caches files. Null: no
/// limit.</param>
internal sealed record ControlGroup(double? Processors, long? MemoryBytes, long? MemoryLeftBytes)
{
    // Version 1 writes "no limit" as a number that no machine has.
    private const long NoLimit = 1L << 60;

    /// <summary>Reads the limits; without control groups there are none.</summary>
    /// <param name="root">The file system's root; another one in tests.</param>
    public static ControlGroup Read(string root = "/")
    {
        var groups = Lines(Path.Combine(root, "proc/self/cgroup")).Select(line => line.Split(':', 3))
            .Where(parts => parts.Length == 3).ToList();
        double? processors = null;
        (long Limit, long Left)? memory = null;
        foreach (var folder in Folders(root, groups, "cpu"))
            processors = Least(processors, Quota(folder));
        foreach (var folder in Folders(root, groups, "memory"))
        {
            if (Limit(folder) is not { } limit)
                continue;
            var left = Math.Max(0, limit - Used(folder));
            memory =
                memory is { } tighter ? (Math.Min(tighter.Limit, limit), Math.Min(tighter.Left, left)) : (limit, left);
        }
        return new ControlGroup(processors, memory?.Limit, memory?.Left);
    }

    // From the group up to the root; a container often sees its own group as the root.
    private static IEnumerable<string> Folders(string root, List<string[]> groups, string controller)
    {
        foreach (var parts in groups)
        {
            var unified = parts[1].Length == 0;
            if (!unified && !parts[1].Split(',').Contains(controller))
                continue;
            var mount = Path.Combine(root, "sys/fs/cgroup");
            mount = unified
                ? mount
                : Path.Combine(mount, Directory.Exists(Path.Combine(mount, parts[1])) ? parts[1] : controller);
            for (var path = parts[2].Trim('/'); ; path = Path.GetDirectoryName(path) ?? "")
            {
                yield return Path.Combine(mount, path);
                if (path.Length == 0)
                    break;
            }
        }
    }

    private static double? Quota(string folder)
    {
        var unified = Lines(Path.Combine(folder, "cpu.max")).FirstOrDefault()?.Split(' ');
        var (quota, period) = unified is { Length: 2 }
            ? (Number(unified[0]), Number(unified[1]))
            : (Value(folder, "cpu.cfs_quota_us"), Value(folder, "cpu.cfs_period_us"));
        return quota > 0 && period > 0 ? (double)quota / period : null;
    }

    private static long? Limit(string folder) =>
        (Value(folder, "memory.max") ?? Value(folder, "memory.limit_in_bytes")) is { } limit and < NoLimit
            ? limit
            : null;

    private static long Used(string folder)
    {
        var used = Value(folder, "memory.current") ?? Value(folder, "memory.usage_in_bytes") ?? 0;
        var cached = Lines(Path.Combine(folder, "memory.stat")).Select(line => line.Split(' '))
            .FirstOrDefault(parts => parts is ["total_inactive_file", _] or ["inactive_file", _]);
        return used - (cached is null ? 0 : Number(cached[1]) ?? 0);
    }

    private static double? Least(double? a, double? b) => a is { } x && b is { } y ? Math.Min(x, y) : a ?? b;

    private static long? Value(string folder, string file) =>
        Lines(Path.Combine(folder, file)).FirstOrDefault() is { } line ? Number(line) : null;

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string[] Lines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // a limit that must not be read is unknown
        }
    }
}
