namespace Flixstock.PtxEmulator;

/// <summary>Cuts PTX text into statements. Comments become blanks, so that lines stay where they are.</summary>
internal sealed class PtxScanner
{
    private readonly string _text;
    private int _position;

    public PtxScanner(string text) => _text = Blank(text.TrimEnd('\0'));

    /// <summary>Line of the statement read last, from 1.</summary>
    public int Line { get; private set; } = 1;

    private int _countedTo;

    public bool AtEnd
    {
        get
        {
            while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
                _position++;
            return _position >= _text.Length;
        }
    }

    public char Peek => _text[_position];

    public bool StartsWith(string word) => string.CompareOrdinal(_text, _position, word, 0, word.Length) == 0;

    public void Skip() => _position++;

    /// <summary>Text up to one of <paramref name="ends"/>, which is left; null if there is none.</summary>
    public string ReadUntil(params ReadOnlySpan<char> ends)
    {
        CountLines();
        int length = _text.AsSpan(_position).IndexOfAny(ends);
        if (length < 0)
            throw new PtxException($"PTX line {Line}: the text ends inside a statement");
        var result = _text.Substring(_position, length);
        _position += length;
        return result;
    }

    /// <summary>A label at this place, passed over; null if there is none.</summary>
    public string? TryLabel()
    {
        int end = _position;
        while (end < _text.Length && (char.IsLetterOrDigit(_text[end]) || _text[end] is '$' or '_' or '%'))
            end++;
        if (end == _position || end >= _text.Length || _text[end] != ':')
            return null;
        CountLines();
        var label = _text[_position..end];
        _position = end + 1;
        return label;
    }

    /// <summary>Passes over a block in braces that may hold others.</summary>
    public void SkipBlock()
    {
        ReadUntil('{');
        int depth = 0;
        do
        {
            depth += _text[_position] switch { '{' => 1, '}' => -1, _ => 0 };
            _position++;
        }
        while (depth > 0);
    }

    private void CountLines()
    {
        Line += _text.AsSpan(_countedTo, _position - _countedTo).Count('\n');
        _countedTo = _position;
    }

    private static string Blank(string text)
    {
        var chars = text.ToCharArray();
        for (int i = 0; i + 1 < chars.Length; i++)
        {
            if (chars[i] != '/' || chars[i + 1] is not ('/' or '*'))
                continue;
            bool line = chars[i + 1] == '/';
            while (i < chars.Length && !(line ? chars[i] == '\n' : chars[i] == '/' && i >= 2 && chars[i - 1] == '*'))
            {
                if (chars[i] is not ('\n' or '*'))
                    chars[i] = ' ';
                i++;
            }
            if (!line && i < chars.Length)
                chars[i] = ' ';
        }
        return new string(chars).Replace('*', ' ');
    }
}
