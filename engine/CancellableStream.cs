namespace Flixstock.Engine;

/// <summary>
/// Another stream that stops in the middle: a token is asked before every piece that is read or written, and pieces are
/// small enough for that to be soon.
/// </summary>
/// <param name="inner">Stays open when this one is disposed.</param>
/// <param name="cancellation">Stops reading and writing.</param>
internal sealed class CancellableStream(Stream inner, CancellationToken cancellation) : Stream
{
    private const int Piece = 16 << 20; // bytes

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        cancellation.ThrowIfCancellationRequested();
        return inner.Read(buffer[..Math.Min(buffer.Length, Piece)]);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        do
        {
            cancellation.ThrowIfCancellationRequested();
            inner.Write(buffer[..Math.Min(buffer.Length, Piece)]);
            buffer = buffer[Math.Min(buffer.Length, Piece)..];
        }
        while (buffer.Length > 0);
    }

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => inner.SetLength(value);
}
