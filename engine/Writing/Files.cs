using System.Text;

namespace Flixstock.Engine;

/// <summary>Files that appear whole or not at all.</summary>
internal static class Files
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>
    /// Writes next to the destination, flushes to the disk and renames: a reader of the path finds the old file or the
    /// new one, never a part,
    /// even after a power cut. An exception leaves the old file as it was and nothing next to it.
    /// </summary>
    /// <param name="path">The file to make or replace; its folder is made if it does not exist.</param>
    /// <param name="write">Writes the contents.</param>
    /// <param name="cancellation">Stops in the middle of writing.</param>
    /// <exception cref="EngineException">The disk refuses; names the file.</exception>
    public static void WriteAtomically(string path, Action<Stream> write, CancellationToken cancellation = default) =>
        WriteAtomically(path, write, keepAs: null, cancellation);

    /// <summary>
    /// Same as <see cref="WriteAtomically(string, Action{Stream}, CancellationToken)"/>, but the previous file stays
    /// under another name.
    /// </summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="write">Writes the contents.</param>
    /// <param name="keepAs">New name of the previous file, in the same folder; null: it is replaced.</param>
    /// <param name="cancellation">Stops in the middle of writing.</param>
    internal static void WriteAtomically(
        string path, Action<Stream> write, string? keepAs, CancellationToken cancellation = default)
    {
        var full = Path.GetFullPath(path);
        var beside = Unfinished.NextTo(full);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            Leftovers.RemoveOnce(Path.GetDirectoryName(full)!);
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(cancellation.CanBeCanceled ? new CancellableStream(stream, cancellation) : stream);
                cancellation.ThrowIfCancellationRequested();
                stream.Flush(flushToDisk: true);
            }
            if (keepAs is not null && File.Exists(full))
                File.Move(full, keepAs, overwrite: true);
            File.Move(beside, full, overwrite: true);
        }
        catch (Exception e)
        {
            Remove(beside);
            if (e is IOException or UnauthorizedAccessException)
                throw new EngineException($"{path}: cannot be written: {e.Message}", e);
            throw;
        }
    }

    /// <summary>
    /// Same as <see cref="WriteAtomically(string, Action{Stream}, CancellationToken)"/>, for a text: UTF-8 without a
    /// byte order mark.
    /// </summary>
    public static void WriteAtomically(string path, string text)
    {
        var bytes = Utf8.GetBytes(text);
        WriteAtomically(path, stream => stream.Write(bytes));
    }

    /// <summary>
    /// Adds to the end of a file, in one call, so that a process that is killed leaves all of it or nothing.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="length">Bytes that it must have.</param>
    /// <param name="bytes">What is added.</param>
    /// <param name="durable">True: it also survives a power cut.</param>
    /// <returns>False: there is no file of that length, and nothing was written.</returns>
    /// <exception cref="EngineException">The disk refuses; names the file.</exception>
    public static bool Append(string path, long length, ReadOnlySpan<byte> bytes, bool durable)
    {
        try
        {
            using var stream = new FileStream(
                path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (stream.Length != length)
                return false;
            stream.Position = length;
            stream.Write(bytes);
            stream.Flush(durable);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false; // somebody has removed it
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"{path}: cannot be written: {e.Message}", e);
        }
    }

    /// <summary>
    /// Makes a file by something that wants a path: next to its place, renamed when it is whole. An exception leaves
    /// the old file and nothing next to it.
    /// </summary>
    /// <param name="path">The file to make or replace, in a folder that exists.</param>
    /// <param name="make">Receives the path to write to.</param>
    /// <exception cref="EngineException">The disk refuses; names the file.</exception>
    public static void Replace(string path, Action<string> make)
    {
        var beside = Unfinished.NextTo(Path.GetFullPath(path));
        try
        {
            make(beside);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e)
        {
            Remove(beside);
            if (e is IOException or UnauthorizedAccessException)
                throw new EngineException($"{path}: cannot be written: {e.Message}", e);
            if (e is EngineException && e.Message.Contains(beside, StringComparison.Ordinal))
                throw new EngineException(e.Message.Replace(beside, path, StringComparison.Ordinal), e);
            throw;
        }
    }

    /// <summary>
    /// Refuses the path of a file if a folder is there, before the work whose result would be written to it.
    /// </summary>
    /// <param name="path">The file to write.</param>
    /// <param name="name">Name of the file in messages; empty for none.</param>
    /// <exception cref="InputException">A folder has the name.</exception>
    public static void RequireNoFolder(string path, Wording? name = null)
    {
        if (!Directory.Exists(path))
            return;
        throw new InputException($"{name}{(name is null ? "" : " ")}{path}: that is a folder, and a file of this name "
            + $"is to be written; rename or remove it, or choose another place");
    }

    /// <summary>True if two paths lead to one file or folder, by way of links of both kinds.</summary>
    public static bool AreSame(string first, string second) => FileIdentity.IsSame(first, second);

    /// <summary>
    /// True for names of locks and of what is being written: a folder with nothing else in it is empty for the user.
    /// </summary>
    public static bool IsTrace(string name) => FolderLock.IsOne(name) || Unfinished.IsOne(name);

    /// <summary>
    /// Makes a folder, if need be, and proves by a file that comes and goes that it can be written to: before work
    /// begins, not after.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InputException">It cannot be made or written to.</exception>
    public static void RequireWritableFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            using (new FileStream(
                Unfinished.ProbeIn(folder), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1,
                FileOptions.DeleteOnClose))
            {
            }
            Leftovers.Remove(folder);
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{Term.Folder} {folder}: the folder cannot be written to "
                + $"({e.Message.ReplaceLineEndings(" ")}); choose another folder", e);
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report; a left-over part file is named so that nothing reads it.
        }
    }
}
