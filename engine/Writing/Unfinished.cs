using System.Text;
using System.Text.RegularExpressions;

namespace Flixstock.Engine;

/// <summary>
/// Names of what is being written and is not yet in its place: hidden, with the process that writes it and a random
/// part. The name alone says whether
/// somebody is still at it, so that what a killed process left can be removed and nothing else.
/// </summary>
internal static partial class Unfinished
{
    /// <summary>Beginning of the name of a folder in which results are written.</summary>
    public const string FolderPrefix = ".writing-";

    private const string Ending = ".part", Probe = ".write-test-";

    // A file system takes 255 bytes; the rest of the name needs less than 60.
    private const int LongestStem = 180, RandomDigits = 12;

    /// <summary>Files of another machine's process are taken for left over after this time without a change.</summary>
    public static TimeSpan Abandoned { get; } = TimeSpan.FromDays(7);

    /// <summary>A path next to another, for the file that will replace it.</summary>
    public static string NextTo(string path)
    {
        var name = Path.GetFileName(path);
        if (Encoding.UTF8.GetByteCount(name) > LongestStem)
            name = Convert.ToHexStringLower(Sha256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 8));
        return Path.Combine(Path.GetDirectoryName(path) ?? "", $".{name}.{Tag()}{Ending}");
    }

    /// <summary>A path in a folder, for the folder in which results grow.</summary>
    public static string FolderIn(string folder) => Path.Combine(folder, FolderPrefix + Tag());

    /// <summary>A path in a folder, for a file that comes and goes.</summary>
    public static string ProbeIn(string folder) => Path.Combine(folder, Probe + Tag());

    /// <summary>True for a name that only this program makes, now or in an earlier version.</summary>
    public static bool IsOne(string name) => Names().IsMatch(name);

    /// <summary>
    /// The process in a name; null if it is from an earlier version, which did not record the machine.
    /// </summary>
    public static WritingProcess? Writer(string name) =>
        Names().Match(name) is { Success: true } match && match.Groups["writer"] is { Success: true } writer
            ? WritingProcess.Parse(writer.Value)
            : null;

    /// <summary>True if no process is writing it any more, as far as can be known.</summary>
    /// <param name="path">A file or folder with such a name.</param>
    /// <param name="abandoned">Age at which what a process elsewhere has left is left over.</param>
    /// <param name="clock">Clock for its age.</param>
    public static bool IsLeftOver(string path, TimeSpan abandoned, TimeProvider clock) => Writer(
        Path.GetFileName(path))?.Fate switch
    {
        ProcessFate.Running => false,
        ProcessFate.Gone => true,
        _ => clock.GetUtcNow() - new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero) > abandoned,
    };

    private static string Tag() => $"{WritingProcess.Current.Text}-{Guid.NewGuid().ToString("N")[..RandomDigits]}";

    // Earlier versions: .NAME.PID-GUID.part, .writing-PID-GUID, .write-test-GUID, NAME.PID.THREAD.tmp, and the files of
    // export and thresholds.
    [GeneratedRegex(
        @"^(\..+\.(?<writer>\d+-[0-9a-f]+-[0-9a-f]{8})-[0-9a-f]{12}\.part"
            + @"|\.(writing|write-test)-(?<writer>\d+-[0-9a-f]+-[0-9a-f]{8})-[0-9a-f]{12}"
            + @"|\..+\.\d+-[0-9a-f]{32}\.part|\.writing-\d+-[0-9a-f]{32}|\.write-test-[0-9a-f]{32}"
            + @"|.+\.(png|jpg|csv|json)\.\d+\.\d+\.tmp|.+\.onnx\.unverified|.+\.safetensors\.fitted)$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Names();
}
