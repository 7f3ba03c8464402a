namespace Flixstock.Engine;

/// <summary>
/// Bytes in memory of which a decoder gets only as many as allowed, as if the rest had not arrived yet.
/// </summary>
internal sealed unsafe class PieceStream(byte* bytes, int length) : Stream
{
    private int _position, _allowed = Math.Min(1 << 14, length); // a header at least

    /// <summary>Nothing is held back any more.</summary>
    public bool AllAllowed => _allowed == length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get => _position; set => Seek(value, SeekOrigin.Begin); }

    /// <summary>Lets a decoder read this many bytes more.</summary>
    public void Allow(int count) => _allowed += Math.Min(count, length - _allowed);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Clamp(_allowed - _position, 0, buffer.Length);
        new ReadOnlySpan<byte>(bytes + _position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var start = origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _position, _ => length };
        return _position = (int)Math.Clamp(start + offset, 0, length);
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
