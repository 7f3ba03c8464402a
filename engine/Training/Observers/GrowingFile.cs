using System.Buffers;

namespace Flixstock.Engine;

/// <summary>
/// A file of a run that grows while it is trained. What is pending is written by one call, so that a kill leaves whole
/// entries; a file that somebody has removed or changed is written anew.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="path">The file.</param>
/// <param name="time">The clock.</param>
internal sealed class GrowingFile(TrainingRun run, string path, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ArrayBufferWriter<byte> _content = new();
    private int _written;
    private long _lastWrite;

    /// <summary>The file begins with this, whatever it held.</summary>
    public void Begin(ReadOnlySpan<byte> content)
    {
        _content.ResetWrittenCount();
        _content.Write(content);
        Rewrite();
    }

    /// <summary>Adds an entry, which readers see a second later.</summary>
    public void Add(ReadOnlySpan<byte> entry)
    {
        _content.Write(entry);
        if (time.GetElapsedTime(_lastWrite) >= Interval)
            Flush(durable: false);
    }

    /// <summary>Writes what is pending.</summary>
    /// <param name="durable">True: it also survives a power cut.</param>
    /// <exception cref="EngineException">The disk refuses; names the file.</exception>
    public void Flush(bool durable)
    {
        if (_written == _content.WrittenCount)
            return;
        if (Files.Append(path, _written, _content.WrittenSpan[_written..], durable))
            Wrote();
        else
            Rewrite();
    }

    private void Rewrite()
    {
        run.StayPresent();
        Files.WriteAtomically(path, stream => stream.Write(_content.WrittenSpan));
        Wrote();
    }

    private void Wrote() => (_written, _lastWrite) = (_content.WrittenCount, time.GetTimestamp());
}
