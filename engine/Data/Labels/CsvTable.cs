using System.Globalization;
using CsvHelper;

namespace Flixstock.Engine;

/// <summary>
/// A CSV file that a user brings, row by row: strict UTF-8, separated by commas, semicolons, tabs or bars as its first
/// row shows (or a line <c>sep=;</c> says). Cells and headings are trimmed. Columns without heading and cells, and rows
/// without any cell, are ignored: spreadsheets leave them behind.
/// </summary>
internal sealed class CsvTable : IDisposable
{
    private readonly CsvReader _reader;
    private readonly bool _loose;
    private readonly List<int> _nameless = [];

    private CsvTable(string path, CsvReader reader, char separator, bool loose)
    {
        (Path, _reader, Separator, _loose) = (path, reader, separator, loose);
        reader.ReadHeader();
        Headings = new CsvHeadings(path, [.. reader.Headers.Select(heading => CsvCell.Read(heading.Trim()))]);
        for (var i = 0; i < Headings.Names.Count; i++)
        {
            if (Headings.Names[i].Length == 0)
                _nameless.Add(i);
        }
    }

    public string Path { get; }

    /// <summary>The character between cells.</summary>
    public char Separator { get; }

    public CsvHeadings Headings { get; }

    /// <summary>The row's place as a spreadsheet counts: the header is row 1.</summary>
    public int Row => (int)_reader.LineNumber;

    /// <summary>Opens a file at its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="known">Headings of which one should occur; they decide if a heading contains another
    /// separator.</param>
    /// <param name="loose">Rows may end early, and columns with cells need no heading.</param>
    /// <param name="growing">
    /// Another process may be adding rows, or was killed while it did: what stands behind the last end of a line is not
    /// read.
    /// </param>
    /// <param name="cancellation">Stops the reading of the file.</param>
    /// <exception cref="InputException">It cannot be read, is not UTF-8, or its separator cannot be told.</exception>
    public static CsvTable Open(
        string path, IReadOnlyList<string> known, bool loose = false, bool growing = false,
        CancellationToken cancellation = default)
    {
        var text = TextFile.ReadUtf8(path, cancellation);
        if (growing && text.Span.LastIndexOf((byte)'\n') is var end and >= 0)
            text = text[..(end + 1)];
        var separator = CsvSeparator.Of(path, text.Span, known);
        var reader = CsvReader.Create(text, new CsvReaderOptions
        {
            // The defaults guess the separator and repair what is broken; labels must be exact.
            Separator = separator,
            FormatProvider = CultureInfo.InvariantCulture,
            MalformedData = CsvMalformedDataHandling.Throw,
            TrackLineNumbers = true,
        });
        try
        {
            return new CsvTable(path, reader, separator, loose);
        }
        catch (CsvFormatException e)
        {
            reader.Dispose();
            throw Invalid(path, e.Message, e);
        }
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="InputException">
    /// The row is malformed or has cells too few or too many, or one in a column without a name.
    /// </exception>
    public bool Read()
    {
        try
        {
            while (_reader.Read())
            {
                if (IsEmpty(0, _reader.FieldCount))
                    continue;
                CheckRow();
                return true;
            }
            return false;
        }
        catch (CsvFormatException e)
        {
            throw Invalid(Path, e.Message, e);
        }
    }

    /// <summary>A cell of the row, trimmed; empty if the row ends before it.</summary>
    public string Cell(int column) => CsvCell.Read(_reader.GetString(column).Trim());

    /// <summary>The number in a cell.</summary>
    /// <param name="column">Its column.</param>
    /// <param name="orNaN">True to accept NaN and infinities: in a file that this program wrote, for measures that
    /// could not be computed.</param>
    /// <exception cref="InputException">The cell holds no number.</exception>
    public double Number(int column, bool orNaN = false)
    {
        var cell = Cell(column);
        if (CellNumber.TryParse(cell, out var value) || (orNaN && CellNumber.IsWritten(cell, out value)))
            return value;
        throw Wrong(column, $"'{cell}' is not a number; correct it{CellNumber.Hint(cell)}");
    }

    /// <summary>The whole number in a cell.</summary>
    /// <exception cref="InputException">The cell holds no whole number.</exception>
    public long Integer64(int column) =>
        long.TryParse(Cell(column), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Wrong(column, $"'{Cell(column)}' is not a whole number; correct it");

    /// <summary>Same as <see cref="Integer64"/>, for 32 bits.</summary>
    /// <exception cref="InputException">The cell holds no whole number of 32 bits.</exception>
    public int Integer(int column) => Integer64(column) is >= int.MinValue and <= int.MaxValue and var value
        ? (int)value
        : throw Wrong(column, $"'{Cell(column)}' is not a whole number of 32 bits; correct it");

    /// <summary>The error of a cell.</summary>
    public InputException Wrong(int column, string what) =>
        LabelColumns.Wrong(Path, Row, Headings.NameOf(column), what);

    public void Dispose() => _reader.Dispose();

    private void CheckRow()
    {
        var (cells, columns) = (_reader.FieldCount, Headings.Names.Count);
        if (cells < columns && !_loose || cells > columns && !IsEmpty(columns, cells))
            throw Invalid(Path, $"line {Row} has {cells} cells, the header {columns}");
        foreach (var column in _nameless)
        {
            if (!_loose && Cell(column).Length > 0)
            {
                throw new InputException($"{Path}: row 1: column {column + 1} has no name but cells (row {Row}: "
                    + $"'{Cell(column)}'); name it or remove it");
            }
        }
    }

    private bool IsEmpty(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            if (_reader.GetSpan(i).ContainsAnyExcept((byte)' ', (byte)'\t'))
                return false;
        }
        return true;
    }

    private static InputException Invalid(string path, string what, Exception? e = null) =>
        new($"{path}: not a valid CSV file: {what.ReplaceLineEndings(" ").TrimEnd('.')}; correct that line", e);
}
