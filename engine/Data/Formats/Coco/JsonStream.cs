using System.Text.Json;

namespace Flixstock.Engine;

/// <summary>
/// Reads JSON of any length token by token through a buffer that moves along the file, and says at which byte of the
/// file something is wrong. The buffer grows only as far as the longest single token needs.
/// </summary>
internal ref struct JsonStream
{
    private readonly string _path;
    private readonly Stream _stream;
    private byte[] _buffer;
    private int _filled;
    private int _checked; // that much of the buffer is known to be UTF-8
    private long _start; // of the buffer in the file
    private long _linesBefore, _lineStart; // lines that end before the buffer, offset at which its first line begins
    private bool _ended;
    private Utf8JsonReader _reader;

    /// <summary>Reads from the beginning of a stream.</summary>
    /// <param name="path">Name of the file in messages.</param>
    /// <param name="stream">The file.</param>
    /// <param name="bufferSize">Initial size of the buffer in bytes.</param>
    public JsonStream(string path, Stream stream, int bufferSize = 1 << 20)
    {
        (_path, _stream) = (path, stream);
        _buffer = new byte[bufferSize];
        Fill();
        var mark = _buffer.AsSpan(0, _filled).StartsWith("\uFEFF"u8) ? 3 : 0;
        _buffer.AsSpan(mark, _filled - mark).CopyTo(_buffer);
        (_filled, _start, _checked) = (_filled - mark, mark, _checked - mark);
        _reader = new Utf8JsonReader(_buffer.AsSpan(0, _filled), _ended, default);
    }

    public readonly JsonTokenType Token => _reader.TokenType;

    public readonly int Depth => _reader.CurrentDepth;

    /// <summary>The byte of the file at which the token begins.</summary>
    public readonly long Offset => _start + _reader.TokenStartIndex;

    public readonly bool IsProperty(ReadOnlySpan<byte> name)
    {
        try
        {
            return _reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException e) // half a pair of \\u escapes
        {
            throw new InputException(Wrong("the name holds half a character").Message, e);
        }
    }

    public readonly string Text()
    {
        if (Token != JsonTokenType.String)
            throw Wrong("a text is expected");
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException e) // half a pair of \\u escapes
        {
            throw new InputException(Wrong("the text holds half a character").Message, e);
        }
    }

    /// <summary>The id that the token is: a whole number or a text.</summary>
    public readonly InstanceId Id()
    {
        if (Token == JsonTokenType.String && Text() is { Length: > 0 } text)
            return InstanceId.Of(text);
        if (Token == JsonTokenType.Number && _reader.TryGetInt64(out var value))
            return value;
        const double MostExact = 1L << 53;
        return Token == JsonTokenType.Number && _reader.TryGetDouble(out var number) && number == Math.Floor(number)
            && Math.Abs(number) < MostExact
            ? (long)number
            : throw Wrong("a whole number is expected, or a text that is not empty");
    }

    /// <summary>Goes to the next token; false at the end of the file.</summary>
    public bool Read()
    {
        try
        {
            while (!_reader.Read())
            {
                if (_ended)
                    return false;
                Advance();
            }
            return true;
        }
        catch (JsonException e)
        {
            var empty = _start + _filled == 0;
            throw new InputException(empty
                ? $"{_path}: the file is empty; copy it again"
                : $"{_path}: byte {ErrorOffset(e)}: not valid JSON ({Reason(e)}); copy or make the file again", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{_path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Goes to the next token, which must exist.</summary>
    public void Next()
    {
        if (!Read())
            throw new InputException($"{_path}: byte {_start + _filled}: the file ends too early; copy it again");
    }

    /// <summary>Goes to the next token, which must be of this kind.</summary>
    public void Expect(JsonTokenType token, string what)
    {
        Next();
        Require(token, what);
    }

    public readonly void Require(JsonTokenType token, string what)
    {
        if (Token != token)
            throw Wrong($"{what} is expected");
    }

    /// <summary>Goes to the value after a property's name and over it.</summary>
    public void SkipValue()
    {
        Next();
        SkipRest();
    }

    /// <summary>Goes to the end of the value whose first token was read.</summary>
    public void SkipRest()
    {
        if (Token is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
            return;
        var depth = Depth;
        do
            Next();
        while (Depth > depth);
    }

    public readonly InputException Wrong(string what) =>
        new($"{_path}: byte {Offset}: {what}; correct the file or make it again");

    private void Advance()
    {
        var consumed = (int)_reader.BytesConsumed;
        var state = _reader.CurrentState;
        var gone = _buffer.AsSpan(0, consumed);
        if (gone.LastIndexOf((byte)'\n') is >= 0 and var last)
        {
            _linesBefore += gone.Count((byte)'\n');
            _lineStart = _start + last + 1;
        }
        _buffer.AsSpan(consumed, _filled - consumed).CopyTo(_buffer);
        _filled -= consumed;
        _checked = Math.Max(0, _checked - consumed);
        _start += consumed;
        if (_filled == _buffer.Length)
            Array.Resize(ref _buffer, checked(_buffer.Length * 2));
        Fill();
        _reader = new Utf8JsonReader(_buffer.AsSpan(0, _filled), _ended, state);
    }

    private void Fill()
    {
        while (_filled < _buffer.Length && !_ended)
        {
            var count = _stream.Read(_buffer, _filled, _buffer.Length - _filled);
            _filled += count;
            _ended = count == 0;
        }
        CheckUtf8();
    }

    // Even what is skipped: a file that is not UTF-8 in one place is not in others.
    private void CheckUtf8()
    {
        var fresh = _buffer.AsSpan(_checked, _filled - _checked);
        if (_start + _checked == 0)
            TextFile.RequireUtf8Mark(_path, fresh);
        var whole = fresh.Length;
        var wrong = _ended ? Utf8Faults.First(fresh) : Utf8Faults.FirstOfPart(fresh, out whole);
        if (wrong >= 0)
            throw TextFile.NotUtf8(_path, $"byte {_start + _checked + wrong}");
        _checked += whole;
    }

    // The exception counts lines and bytes of a line; people look for a byte of the file.
    private readonly long ErrorOffset(JsonException e)
    {
        var line = _lineStart;
        var rest = _buffer.AsSpan(0, _filled);
        for (var number = _linesBefore;
            number < (e.LineNumber ?? 0) && rest.IndexOf((byte)'\n') is >= 0 and var end; number++)
        {
            rest = rest[(end + 1)..];
            line = _start + _filled - rest.Length;
        }
        return line + (e.BytePositionInLine ?? 0);
    }

    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? e.Message : e.Message[..end]).TrimEnd('.', ' ').ReplaceLineEndings(" ");
    }
}
