using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>
/// A file as memory, without a copy: pages come from the system's cache when they are touched. Only disposing takes the
/// mapping down. A forgotten one stays until the process ends, so no garbage collection can take memory away under a
/// span that is still read. Other .NET programs cannot open the file for writing meanwhile; files that are replaced by
/// renaming, as ours are, may be. A program that shortens the file in place ends this process at the next touch.
/// </summary>
internal sealed unsafe class MappedFile : MemoryManager<byte>
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly int _length;
    private byte* _begin;
    private bool _disposed;

    private MappedFile(FileStream stream)
    {
        _length = (int)stream.Length;
        if (_length == 0)
        {
            stream.Dispose();
            return; // nothing cannot be mapped
        }
        _file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, _length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _begin); // also keeps finalizers from unmapping
    }

    /// <summary>The file's bytes; not to be touched after disposing.</summary>
    public ReadOnlyMemory<byte> Bytes => _length == 0 ? default : Memory;

    /// <summary>Maps a file.</summary>
    /// <exception cref="InputException">
    /// There is no such file, it cannot be read, or it is longer than 2 GiB.
    /// </exception>
    public static MappedFile Open(string path)
    {
        FileKind.Require(path);
        FileStream? stream = null;
        try
        {
            stream = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            return stream.Length <= Array.MaxLength
                ? new MappedFile(stream)
                : throw new InputException($"{path}: cannot be read: it is longer than 2 GiB");
        }
        catch (Exception e)
        {
            stream?.Dispose();
            if (Directory.Exists(path))
                throw new InputException($"{path}: cannot be read: it is a folder; {FolderOfWeights.Advice(path)}", e);
            if (e is FileNotFoundException or DirectoryNotFoundException)
                throw new InputException($"{path}: there is no such file", e);
            if (e is IOException or UnauthorizedAccessException or NotSupportedException)
                throw new InputException($"{path}: cannot be read: {e.Message}", e);
            throw;
        }
    }

    /// <summary>
    /// Lets the process's memory go that a part of a mapped file takes; touched again, it comes from the file. Does
    /// nothing for other memory.
    /// </summary>
    /// <param name="part">The part.</param>
    public static void Forget(ReadOnlyMemory<byte> part)
    {
        if (MemoryMarshal.TryGetMemoryManager<byte, MappedFile>(part, out var file, out var start, out var length)
            && !file._disposed)
        {
            MemoryPages.Forget((nint)file._begin + start, length);
        }
    }

    /// <inheritdoc />
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new Span<byte>(_begin, _length);
    }

    /// <inheritdoc />
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new MemoryHandle(_begin + elementIndex);
    }

    /// <inheritdoc />
    public override void Unpin()
    {
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (_disposed || !disposing)
            return;
        _disposed = true;
        if (_begin != null)
            _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _begin = null;
        _view?.Dispose();
        _file?.Dispose();
    }
}
