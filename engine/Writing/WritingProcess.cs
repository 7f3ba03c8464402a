using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>What is known about a process that wrote a file.</summary>
internal enum ProcessFate
{
    /// <summary>It runs on this machine.</summary>
    Running,

    /// <summary>It ran on this machine and has ended.</summary>
    Gone,

    /// <summary>It runs or ran out of this process's sight: on another machine, in another container.</summary>
    Elsewhere,
}

/// <summary>A process, as names of unfinished files and the texts of locks have it.</summary>
/// <param name="Id">The system's number of it, which is used again some day.</param>
/// <param name="Start">Start time on the system's own clock; tells it from a later process of the same number.</param>
/// <param name="Host">A digest of the machine's name and of its namespace of process numbers, which each container has
/// for itself.</param>
internal readonly record struct WritingProcess(int Id, long Start, string Host)
{
    // fields of /proc/N/stat after the command's name
    private const int HostDigits = 8, StartField = 19, StateField = 0;

    /// <summary>This process.</summary>
    public static WritingProcess Current { get; } = new(
        Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0, HostOf());

    /// <summary>The text in names.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Id}-{Start:x}-{Host}");

    /// <summary>Whether it is still running.</summary>
    public ProcessFate Fate => Host != Current.Host ? ProcessFate.Elsewhere
        : StartOf(Id) is { } start && (start == Start || start == 0) ? ProcessFate.Running : ProcessFate.Gone;

    /// <summary>Reads <see cref="Text"/>; null if it is something else.</summary>
    public static WritingProcess? Parse(string text) =>
        text.Split('-') is [var id, var start, { Length: HostDigits } host]
        && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && long.TryParse(start, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var ticks)
            ? new WritingProcess(number, ticks, host)
            : null;

    // Null: no such process; 0: there is one that this process may not query. A process that ended but was not waited
    // for does not count.
    private static long? StartOf(int id)
    {
        try
        {
            if (OperatingSystem.IsLinux() && File.Exists($"/proc/{id}/stat"))
            {
                var text = File.ReadAllText($"/proc/{id}/stat");
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                return fields[StateField] is "Z" or "X"
                    ? null
                    : long.Parse(fields[StartField], CultureInfo.InvariantCulture);
            }
            using var process = Process.GetProcessById(id);
            return OperatingSystem.IsLinux() ? 0 : process.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerSecond;
        }
        catch (ArgumentException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException
            or System.ComponentModel.Win32Exception)
        {
            return IsListed(id) ? 0 : null; // it ended during the check, or belongs to somebody else
        }
    }

    private static bool IsListed(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string HostOf()
    {
        var space = OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget : null;
        return Convert.ToHexStringLower(
            Sha256.HashData(Encoding.UTF8.GetBytes($"{Environment.MachineName}\n{space}")))[..HostDigits];
    }
}
