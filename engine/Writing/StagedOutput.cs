namespace Flixstock.Engine;

/// <summary>
/// A hidden folder next to the results in which they grow; <see cref="Publish()"/> moves them into place by renaming.
/// Until then, and if anything fails, what was there before stays. A process that is killed while it moves leaves the
/// plan of its moves: the next command in the folder finishes them (<see cref="Settle"/>), so that what is read there
/// is all old or all new.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class StagedOutput : IDisposable
{
    private const string New = "new", LockName = "lock";

    // A plan is a handful of renames. One that a process elsewhere began and did not finish in this time will not be
    // finished by it.
    private static readonly TimeSpan LongestPublishing = TimeSpan.FromMinutes(10),
        LongestSettling = TimeSpan.FromSeconds(30), Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _target, _staging;
    private readonly FileStream _lock;
    private bool _disposed;

    /// <summary>Makes the hidden folder.</summary>
    /// <param name="target">The folder for the results.</param>
    /// <exception cref="InputException">It cannot be written to.</exception>
    public StagedOutput(string target)
    {
        _target = target;
        _staging = Unfinished.FolderIn(target);
        Folder = Path.Combine(_staging, New);
        try
        {
            Directory.CreateDirectory(Folder);
            _lock = new FileStream(
                Path.Combine(_staging, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{target}: cannot be written: {e.Message}; choose a folder that you may write to", e);
        }
    }

    /// <summary>The folder to write to; laid out as the target.</summary>
    public string Folder { get; }

    /// <summary>See <see cref="StagedMoves.Moving"/>.</summary>
    internal Action? Moving { get; init; }

    /// <summary>
    /// Writes files that belong together; a message about one of them names its final place, not the hidden folder.
    /// </summary>
    /// <param name="write">Receives the folder to write to.</param>
    public void Write(Action<string> write)
    {
        try
        {
            write(Folder);
        }
        catch (EngineException e) when (e.Message.Contains(Folder, StringComparison.Ordinal))
        {
            throw new EngineException(e.Message.Replace(Folder, _target, StringComparison.Ordinal), e);
        }
    }

    /// <summary>
    /// Replaces the target's entries of the same names by the new ones; on failure the old ones come back.
    /// </summary>
    /// <exception cref="InputException">They cannot be moved.</exception>
    /// <exception cref="ObjectDisposedException">The hidden folder is gone.</exception>
    public void Publish()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Publish(Entries(), []);
    }

    /// <summary>
    /// Same as <see cref="Publish()"/>, for files alone, so that other contents of folders with the same names stay.
    /// </summary>
    /// <param name="removed">Paths below the target of what is to be removed; what does not exist is ignored.</param>
    public void PublishFiles(IEnumerable<string> removed)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var entries = Missing("").Order(StringComparer.Ordinal).ToList();
        Publish(entries, [.. removed.Except(entries, StringComparer.Ordinal)]);
    }

    /// <summary>
    /// Takes what is in the target out of the way, until <see cref="Keep"/> says that what was made in its place is
    /// whole. Without that it comes back: when this is disposed, or by the next command if the process was killed.
    /// </summary>
    /// <param name="names">Entries of the target.</param>
    public void SetAside(IReadOnlyList<string> names)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var there = names.Where(name => StagedMoves.Exists(Path.Combine(_target, name))).ToList();
        if (there.Count > 0)
        {
            Do(new StagedMoves(_target, _staging)
            {
                Moving = Moving,
                Restored = there,
                Dropped = [.. names.Except(there, StringComparer.Ordinal)],
            });
        }
    }

    /// <summary>Gives up what was set aside.</summary>
    public void Keep() => StagedMoves.Forget(_staging);

    /// <summary>
    /// Deletes the hidden folder and what is left in it; what was set aside and not given up comes back first.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        // Published and forgotten, or never begun; a plan is left here only if something was set aside or could not be
        // moved back.
        try
        {
            if (StagedMoves.Planned(_target, _staging) is { } unfinished && unfinished.Restored.Count > 0)
                unfinished.Finish();
        }
        finally
        {
            if (StagedMoves.Planned(_target, _staging) is null)
                Discard(_staging);
            _lock.Dispose();
        }
    }

    /// <summary>
    /// Same as <see cref="Settle"/>, in a folder and in the one that holds it: a run and the data of a demo, or a first
    /// stage, are put into place from there.
    /// </summary>
    internal static void SettleAround(string folder)
    {
        if (folder.Length == 0 || folder.Contains('\0', StringComparison.Ordinal))
            return; // no folder: its reader reports that
        Settle(folder);
        if (Path.GetDirectoryName(Path.GetFullPath(folder)) is { } parent)
            Settle(parent);
    }

    /// <summary>Same as <see cref="SettleAround"/>, for a file that is about to be read.</summary>
    internal static void SettleFor(string file) =>
        SettleAround(Path.GetDirectoryName(file) is { Length: > 0 } folder ? folder : ".");

    /// <summary>
    /// Finishes, or undoes, the moves into a folder of processes that were killed during them. Does nothing if there
    /// are none.
    /// </summary>
    /// <param name="folder">A folder that is about to be read or written; need not exist.</param>
    /// <param name="clock">Clock for the age of what another machine wrote; null: this machine's.</param>
    /// <exception cref="InputException">It cannot be finished; says why.</exception>
    public static void Settle(string folder, TimeProvider? clock = null)
    {
        foreach (var staging in StagedIn(folder))
        {
            for (var waited = TimeSpan.Zero; IsToSettle(folder, staging, clock) && !TrySettle(folder, staging);
                waited += Pause)
            {
                // Another command is at it; it takes no longer than a few renames.
                if (waited > LongestSettling)
                {
                    throw new InputException(
                        $"{folder}: another command is repairing what a killed one left in {staging}; wait for it");
                }
                Thread.Sleep(Pause);
            }
        }
    }

    private static bool IsToSettle(string folder, string staging, TimeProvider? clock) =>
        StagedMoves.Planned(folder, staging) is not null
        && Unfinished.IsLeftOver(staging, LongestPublishing, clock ?? TimeProvider.System);

    /// <summary>
    /// Deletes a folder in which results were written; what cannot be deleted stays, and nothing reads it.
    /// </summary>
    internal static void Discard(string staging)
    {
        try
        {
            Directory.Delete(staging, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Being deleted by another command as well, or the disk refuses: the next command in the folder tries
            // again.
        }
    }

    private static List<string> StagedIn(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. Directory.EnumerateDirectories(folder, Unfinished.FolderPrefix + "*")
                    .Where(path => Unfinished.IsOne(Path.GetFileName(path)))]
                : [];
        }
        catch (UnauthorizedAccessException)
        {
            return []; // a folder whose files may be read by name and not listed
        }
    }

    // False: another command is at it.
    private static bool TrySettle(string folder, string staging)
    {
        try
        {
            using var held = new FileStream(
                Path.Combine(staging, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            StagedMoves.Planned(folder, staging)?.Finish();
            Discard(staging);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!Directory.Exists(staging) || StagedMoves.Planned(folder, staging) is null)
                return true;
            if (e is IOException busy && FolderLock.IsSharingViolation(busy))
                return false;
            throw new InputException(
                $"{folder}: a command was killed while it replaced files here, and that cannot be finished: "
                    + $"{e.Message.ReplaceLineEndings(" ")}; run a command as somebody who may write there",
                e);
        }
    }

    // A folder that the target does not have moves as a whole.
    private IEnumerable<string> Missing(string below) => Directory.GetFileSystemEntries(Path.Combine(Folder, below))
        .Select(path => Path.GetRelativePath(Folder, path)).SelectMany(
            entry => Directory.Exists(Path.Combine(Folder, entry)) && Path.Exists(Path.Combine(_target, entry))
                ? Missing(entry)
                : [entry]);

    private IEnumerable<string> Entries() =>
        Directory.GetFileSystemEntries(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private void Publish(IEnumerable<string> published, IReadOnlyList<string> removed) =>
        Do(new StagedMoves(_target, _staging) { Moving = Moving, Published = [.. published], Removed = removed });

    private void Do(StagedMoves moves)
    {
        try
        {
            moves.Write();
            moves.Begin();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EngineException)
        {
            moves.Undo();
            throw new InputException(
                $"{_target}: the results cannot be put into place: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
