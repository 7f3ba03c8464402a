using System.Globalization;
using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>The process that writes in a folder, as stated in the text next to the lock.</summary>
/// <param name="Process">The process, as in names of unfinished files.</param>
/// <param name="Machine">The machine's name, for people.</param>
/// <param name="Since">Time at which it began.</param>
/// <param name="Work">What it does, such as <c>training</c>.</param>
internal sealed record LockOwner(string Process, string Machine, DateTimeOffset Since, string Work)
{
    /// <summary>True if it ran on this machine and does not any more.</summary>
    public bool IsGone => WritingProcess.Parse(Process) is { Fate: ProcessFate.Gone };

    /// <summary>True if this machine cannot know whether it runs.</summary>
    public bool IsElsewhere => WritingProcess.Parse(Process) is null or { Fate: ProcessFate.Elsewhere };

    /// <summary>True if it is this process.</summary>
    public bool IsThisProcess => Process == WritingProcess.Current.Text;

    /// <summary>
    /// The owner that the text names; null if there is none, or if it does not parse and the owner is unknown.
    /// </summary>
    public static LockOwner? Read(string folder) => ReadFile(PathIn(folder));

    /// <summary>
    /// Same as <see cref="Read"/>, for a folder that is locked: a process that has just taken the lock writes the text
    /// a moment later.
    /// </summary>
    public static LockOwner? Await(string folder)
    {
        const int Attempts = 25, PauseMilliseconds = 20;
        for (var attempt = 1; attempt < Attempts; attempt++)
        {
            if (Read(folder) is { } owner && owner != Unknown)
                return owner;
            Thread.Sleep(PauseMilliseconds);
        }

        return Read(folder);
    }

    private static LockOwner? ReadFile(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<LockOwner>(File.ReadAllBytes(path)) is { Process: not null } owner
                ? owner
                : Unknown;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return Unknown;
        }
    }

    /// <summary>Writes the text of this process over any existing one.</summary>
    public static void Write(string folder, string work) => Files.WriteAtomically(PathIn(folder), Text(work));

    /// <summary>
    /// If the text is the lock: writes this process's text if there is none, or in place of the one that was read.
    /// False: another process was faster.
    /// </summary>
    public static bool TryReplace(string folder, LockOwner? read)
    {
        var (place, aside) = (PathIn(folder), Unfinished.NextTo(PathIn(folder)));
        if (read is not null)
        {
            // Two processes may take a text for left over at the same moment. Each moves the file away, then checks
            // which text it moved.
            try
            {
                File.Move(place, aside, overwrite: true);
            }
            catch (FileNotFoundException)
            {
                return false;
            }
            if (ReadFile(aside) != read)
            {
                if (!File.Exists(place))
                    File.Move(aside, place);
                return false;
            }
            File.Delete(aside);
        }
        try
        {
            using var file = new FileStream(place, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
            file.Write(System.Text.Encoding.UTF8.GetBytes(Text("")));
            return true;
        }
        catch (IOException) when (File.Exists(place))
        {
            return false;
        }
    }

    /// <summary>One line for a process that finds the folder taken.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="owner">The owner, if known.</param>
    /// <param name="canTakeOver">True if the text alone is the lock.</param>
    public static Wording Describe(string folder, LockOwner? owner, bool canTakeOver)
    {
        var who = owner is null || owner == Unknown || WritingProcess.Parse(owner.Process) is not { } process
            ? "another command is writing here"
            : string.Create(CultureInfo.InvariantCulture, $"another {owner.Work} is writing here (process {process.Id} "
                + $"on {owner.Machine} since {owner.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC)");
        var elsewhere = canTakeOver && owner is { IsElsewhere: true }
            ? (Wording)$", or give {Term.TakeOver} if it does not run any more"
            : "";
        return $"{folder}: {who}; wait for it or stop it{elsewhere}";
    }

    private static LockOwner Unknown { get; } = new("", "", default, "");

    private static string PathIn(string folder) => Path.Combine(folder, FolderLock.OwnerName);

    private static string Text(string work) =>
        JsonSerializer.Serialize(
            new LockOwner(WritingProcess.Current.Text, Environment.MachineName, DateTimeOffset.UtcNow, work)) + "\n";
}
