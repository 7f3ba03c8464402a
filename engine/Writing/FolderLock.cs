namespace Flixstock.Engine;

/// <summary>
/// Says that one process, and no other, writes in a folder. The system's lock on an open file, which ends with the
/// process however it ends and is not inherited by those that it starts. A second file says who it is, for the message;
/// if the file system has no locks, that text alone is the lock.
/// </summary>
/// <remarks>
/// Threads: one at a time.
/// Both files go when the lock ends. That is no race: the process that gets the lock checks whether the name still
/// leads to the file that it has locked, and begins
/// again if it does not. If the system cannot tell (not Linux), the lock file stays and is used again.
/// </remarks>
public sealed class FolderLock : IDisposable
{
    /// <summary>The file that is locked, and the one that says by whom.</summary>
    internal const string LockName = ".flixstock.lock", OwnerName = ".flixstock.owner";

    // What .NET hands on of a file that another has locked: EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION.
    private const int LinuxBusy = 11, MacBusy = 35, WindowsBusy = unchecked((int)0x80070020), MostAttempts = 100;

    private static readonly string[] NetworkFormats =
    [
        "nfs", "cifs", "smb", "fuse", "ceph", "lustre", "9p", "afs", "gfs", "gpfs",
    ];

    private readonly string _work;
    private FileStream? _file;
    private bool _locks = true;

    private FolderLock(string folder, string work, FileStream file) => (Folder, _work, _file) = (folder, work, file);

    /// <summary>The folder, as given.</summary>
    public string Folder { get; }

    // Without locks, the text is the lock.
    private bool IsHeld =>
        _file is { } file && (_locks ? HasName(file) : LockOwner.Read(Folder) is { IsThisProcess: true });

    /// <summary>True for the names of the two files.</summary>
    internal static bool IsOne(string name) => name is LockName or OwnerName;

    /// <summary>Takes the lock of a folder that exists.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="work">What is done there, such as <c>training</c>: for the message that another process
    /// gets.</param>
    /// <param name="takeOver">If the file system has no locks: do not ask whether the process that left its text still
    /// runs.</param>
    /// <exception cref="InputException">Another process writes there; says which.</exception>
    /// <exception cref="EngineException">The folder cannot be written to.</exception>
    public static FolderLock Take(string folder, string work, bool takeOver = false) =>
        TryTake(folder, work, takeOver, out var refusal) ?? throw new InputException(refusal!);

    /// <summary>Same as <see cref="Take"/>, but null if another process writes there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="work">What is done there, such as <c>training</c>.</param>
    /// <param name="takeOver">Replace a text that may be somebody's.</param>
    /// <param name="refusal">The process that writes there and what to do, in one line.</param>
    /// <param name="locks">False: as on a file system without locks.</param>
    internal static FolderLock? TryTake(
        string folder, string work, bool takeOver, out Wording? refusal, bool locks = true)
    {
        try
        {
            for (var attempt = 0; attempt < MostAttempts; attempt++)
            {
                if (Open(folder, locks ? FileShare.None : FileShare.ReadWrite) is not { } file)
                {
                    refusal = LockOwner.Describe(folder, LockOwner.Await(folder), canTakeOver: false);
                    return null;
                }
                if (HasName(file))
                {
                    return new FolderLock(folder, work, file) { _locks = locks && Excludes(file) }
                        .Own(takeOver, out refusal);
                }
                // another process ended with the lock and removed the file between our opening and locking it
                file.Dispose();
            }
            throw new EngineException(
                $"{Path.Combine(folder, LockName)}: is removed again and again while it is locked");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException(
                $"{folder}: cannot be locked for writing: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Takes the lock anew if the folder was removed in the meantime.</summary>
    /// <exception cref="InputException">Another process writes there now.</exception>
    internal void Renew()
    {
        if (IsHeld)
            return;
        _file?.Dispose();
        _file = null;
        Directory.CreateDirectory(Folder);
        var again = Take(Folder, _work);
        (_file, _locks, again._file) = (again._file, again._locks, null);
    }

    /// <summary>Ends the lock and removes its files.</summary>
    public void Dispose()
    {
        if (_file is not { } file)
            return;
        try
        {
            if (!IsHeld)
                return;
            File.Delete(Path.Combine(Folder, OwnerName));
            if (FileIdentity.Of(file.SafeFileHandle) is not null)
                File.Delete(Path.Combine(Folder, LockName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk is gone, or the folder is no longer writable: the lock ends all the same, and its files are used
            // again.
        }
        finally
        {
            _file = null;
            file.Dispose();
        }
    }

    private FolderLock? Own(bool takeOver, out Wording? refusal)
    {
        var owner = LockOwner.Read(Folder);
        // On a network drive each machine may have its own locks.
        var isFree = owner is null || owner.IsGone || (_locks && !(owner.IsElsewhere && IsOnNetwork(Folder)));
        if ((isFree || takeOver) && (_locks || LockOwner.TryReplace(Folder, owner)))
        {
            LockOwner.Write(Folder, _work);
            refusal = null;
            return this;
        }
        refusal = LockOwner.Describe(Folder, LockOwner.Await(Folder), canTakeOver: true);
        _file?.Dispose(); // without removing what is another's
        _file = null;
        return null;
    }

    private static FileStream? Open(string folder, FileShare share)
    {
        try
        {
            return new FileStream(
                Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, share, 1);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            return null;
        }
    }

    /// <summary>True if a file could not be opened because another has locked it.</summary>
    internal static bool IsSharingViolation(IOException e) => e.HResult is LinuxBusy or MacBusy or WindowsBusy;

    // A second opening of a locked file fails, in this process as well.
    private static bool Excludes(FileStream file)
    {
        try
        {
            using var second = new FileStream(file.Name, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1);
            return false;
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            return true;
        }
    }

    private static bool HasName(FileStream file) =>
        FileIdentity.Of(file.SafeFileHandle) is not { } identity || FileIdentity.Of(file.Name) == identity;

    private static bool IsOnNetwork(string folder)
    {
        var format = new DriveInfo(Path.GetFullPath(folder)).DriveFormat;
        return NetworkFormats.Any(kind => format.StartsWith(kind, StringComparison.OrdinalIgnoreCase));
    }
}
