using System.Globalization;
using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>Who writes in a folder, as the text next to the lock says it.</summary>
/// <param name="Process">The process, as in names of unfinished files.</param>
/// <param name="Machine">The machine's name, for people.</param>
/// <param name="Since">When it began.</param>
/// <param name="Work">What it does, <c>training</c>.</param>
internal sealed record LockOwner(string Process, string Machine, DateTimeOffset Since, string Work)
{
    /// <summary>True if it ran on this machine and does not any more.</summary>
    public bool IsGone => WritingProcess.Parse(Process) is { Fate: ProcessFate.Gone };

    /// <summary>True if nobody here can know whether it runs.</summary>
    public bool IsElsewhere => WritingProcess.Parse(Process) is null or { Fate: ProcessFate.Elsewhere };

    /// <summary>True if it is this process.</summary>
    public bool IsThisProcess => Process == WritingProcess.Current.Text;

    /// <summary>What the text says; null where there is none, or one that does not parse, which is somebody nobody knows.</summary>
    public static LockOwner? Read(string folder) => ReadFile(PathIn(folder));

    /// <summary>The same of a folder that is locked: whoever has just taken the lock says who it is a moment later.</summary>
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
            return JsonSerializer.Deserialize<LockOwner>(File.ReadAllBytes(path)) is { Process: not null } owner ? owner : Unknown;
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

    /// <summary>Writes the text of this process over whatever is there.</summary>
    public static void Write(string folder, string work) => Files.WriteAtomically(PathIn(folder), Text(work));

    /// <summary>
    /// Where the text is the lock: puts this process' text where there is none, or in the place of the one that was read. False: another process was faster.
    /// </summary>
    public static bool TryReplace(string folder, LockOwner? read)
    {
        var (place, aside) = (PathIn(folder), Unfinished.NextTo(PathIn(folder)));
        if (read is not null)
        {
            // Two processes may think a text left over at one moment. Each moves away what lies there, and looks at what it has in its hands.
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

    /// <summary>One line for whoever finds the folder taken.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="owner">By whom, if that is known.</param>
    /// <param name="canTakeOver">The text alone is the lock.</param>
    public static Wording Describe(string folder, LockOwner? owner, bool canTakeOver)
    {
        var who = owner is null || owner == Unknown || WritingProcess.Parse(owner.Process) is not { } process
            ? "another command is writing here"
            : string.Create(CultureInfo.InvariantCulture, $"another {owner.Work} is writing here (process {process.Id} on {owner.Machine} since "
                + $"{owner.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC)");
        var elsewhere = canTakeOver && owner is { IsElsewhere: true }
            ? (Wording)$", or give {Term.TakeOver} if it does not run any more"
            : "";
        return $"{folder}: {who}; wait for it or stop it{elsewhere}";
    }

    private static LockOwner Unknown { get; } = new("", "", default, "");

    private static string PathIn(string folder) => Path.Combine(folder, FolderLock.OwnerName);

    private static string Text(string work) =>
        JsonSerializer.Serialize(new LockOwner(WritingProcess.Current.Text, Environment.MachineName, DateTimeOffset.UtcNow, work)) + "\n";
}
