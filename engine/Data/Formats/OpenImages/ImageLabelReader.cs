using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Flixstock.Engine;

/// <summary>
/// Reads OpenImages' labels of whole pictures, <c>ImageID,Source,LabelName,Confidence</c>: 1 positive, 0 searched for
/// and negative. Millions of rows go through one
/// buffer; nothing is kept of a row but picture, class and label.
/// </summary>
internal sealed class ImageLabelReader
{
    private const int Columns = 4, LongestRow = 1 << 16;
    private static readonly string[] Header = ["ImageID", "Source", "LabelName", "Confidence"];

    private readonly string _path;
    private readonly OpenImagesClasses _classes;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _classIndex;
    private readonly Dictionary<string, int> _pictures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _pictureIndex;
    private readonly List<int> _rowPictures = [], _rowLabels = [], _firstRows = [];
    private readonly char[] _text = new char[LongestRow];
    private int[] _order = []; // place of ImageID, LabelName and Confidence among the columns
    private char _separator = ',';
    private long _row;
    private int _lastPicture = -1;
    private string _lastName = "";
    private long _otherClasses;

    private ImageLabelReader(string path, OpenImagesClasses classes)
    {
        (_path, _classes) = (path, classes);
        _classIndex = classes.Index.GetAlternateLookup<ReadOnlySpan<char>>();
        _pictureIndex = _pictures.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classes">The classes of the data set.</param>
    /// <param name="cancellation">Stops in the middle.</param>
    /// <exception cref="InputException">The file cannot be read, or a row is wrong; names it.</exception>
    public static LabelIndex Read(string path, OpenImagesClasses classes, CancellationToken cancellation = default)
    {
        FileKind.Require(path);
        try
        {
            using var stream = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
            return Read(path, stream, classes, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a stream.</summary>
    internal static LabelIndex Read(
        string path, Stream stream, OpenImagesClasses classes, CancellationToken cancellation)
    {
        var reader = new ImageLabelReader(path, classes);
        reader.ReadRows(new CancellableStream(stream, cancellation));
        return reader.Build(cancellation);
    }

    private void ReadRows(Stream stream)
    {
        var buffer = new byte[1 << 20];
        var filled = 0;
        while (stream.Read(buffer, filled, buffer.Length - filled) is > 0 and var count)
        {
            filled += count;
            var rest = buffer.AsSpan(0, filled);
            while (rest.IndexOf((byte)'\n') is >= 0 and var end)
            {
                ReadRow(rest[..end]);
                rest = rest[(end + 1)..];
            }
            if (rest.Length > LongestRow)
                throw Wrong(_row + 1, $"the row is longer than {LongestRow} bytes");
            rest.CopyTo(buffer);
            filled = rest.Length;
        }
        if (filled > 0)
            ReadRow(buffer.AsSpan(0, filled));
        if (_row == 0)
            throw new InputException($"{_path}: the file is empty; download it again");
        if (_pictures.Count == 0 && _otherClasses == 0)
            throw new InputException($"{_path}: there are no rows below the header; download it again");
    }

    private void ReadRow(ReadOnlySpan<byte> bytes)
    {
        _row++;
        if (bytes is [.., (byte)'\r'])
            bytes = bytes[..^1];
        if (bytes.Length > LongestRow)
            throw Wrong(_row, $"the row is longer than {LongestRow} bytes");
        if (_row == 1)
            TextFile.RequireUtf8Mark(_path, bytes);
        if (Utf8.ToUtf16(bytes, _text, out _, out var length, replaceInvalidSequences: false) != OperationStatus.Done)
            throw TextFile.NotUtf8(_path, $"row {_row}");
        ReadOnlySpan<char> row = _text.AsSpan(0, length);
        if (_order.Length == 0)
            ReadHeader(row.TrimStart('\uFEFF').ToString());
        else if (!row.IsEmpty)
            ReadCells(row);
    }

    private void ReadCells(ReadOnlySpan<char> row)
    {
        Span<Range> cells = stackalloc Range[Columns + 1];
        var count = row.Split(cells, _separator);
        if (count != Columns)
        {
            throw Wrong(
                _row, $"the row has {(count > Columns ? row.Count(_separator) + 1 : count)} cells, not {Columns}");
        }
        Add(Plain(row[cells[_order[0]]]), Plain(row[cells[_order[1]]]), Plain(row[cells[_order[2]]]));
    }

    // Neither identifiers nor numbers hold a separator or a quote, so cells in quotes need no more than this.
    private static ReadOnlySpan<char> Plain(ReadOnlySpan<char> cell) =>
        cell is ['"' or ' ', ..] or [.., '"' or ' '] ? cell.Trim(" \"") : cell;

    private void ReadHeader(string row)
    {
        if (row.Length == 0)
            return;
        _separator = CsvSeparator.Of(_path, Encoding.UTF8.GetBytes(row), Header);
        if (row.StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
            return;
        var headings = new CsvHeadings(_path, [.. row.Split(_separator).Select(cell => Plain(cell).ToString())]);
        var places = Header.Select(headings.Find).ToArray();
        if (headings.Names.Count != Columns || places.Contains(-1))
        {
            throw Wrong(
                _row,
                $"the header is '{string.Join(_separator, headings.Names.Take(8))}', not {string.Join(',', Header)}");
        }
        _order = [places[0], places[2], places[3]];
    }

    private void Add(ReadOnlySpan<char> picture, ReadOnlySpan<char> name, ReadOnlySpan<char> confidence)
    {
        if (picture.IsEmpty || picture.IndexOfAny('/', '\\', '\0') >= 0 || picture is "." or "..")
            throw Wrong(_row, $"'{picture}' is no ImageID");
        sbyte label = confidence switch
        {
            "1" or "1.0" => 1,
            "0" or "0.0" => 0,
            _ => throw Wrong(_row, $"the confidence '{confidence}' is neither 1 (there) nor 0 (not there); use the "
                + $"labels that people verified, not those of a machine"),
        };
        if (!_classIndex.TryGetValue(name, out var index))
        {
            if (_classes.Descriptions is { } known && !known.ContainsKey(name.ToString()))
                throw Wrong(_row, $"the class '{name}' is not among the class descriptions");
            _otherClasses++;
            return;
        }
        _rowPictures.Add(PictureNumber(picture));
        _rowLabels.Add(SampleLabels.Code(index, label));
    }

    // Rows of a picture are adjacent.
    private int PictureNumber(ReadOnlySpan<char> name)
    {
        if (_lastPicture >= 0 && name.SequenceEqual(_lastName))
            return _lastPicture;
        if (!_pictureIndex.TryGetValue(name, out var kept, out var number))
        {
            _pictures.Add(kept = name.ToString(), number = _pictures.Count);
            _firstRows.Add((int)Math.Min(_row, int.MaxValue));
        }
        (_lastPicture, _lastName) = (number, kept);
        return number;
    }

    private LabelIndex Build(CancellationToken cancellation)
    {
        var starts = new int[_pictures.Count + 1];
        foreach (var picture in _rowPictures)
            starts[picture + 1]++;
        for (var i = 0; i < _pictures.Count; i++)
            starts[i + 1] += starts[i];
        var next = starts.AsSpan(0, _pictures.Count).ToArray();
        var labels = new int[_rowLabels.Count];
        for (var i = 0; i < labels.Length; i++)
            labels[next[_rowPictures[i]]++] = _rowLabels[i];
        var (kept, contradicting) = Tidy(starts, labels, cancellation);
        var names = new MemoryStream();
        var nameStarts = new int[_pictures.Count + 1];
        foreach (var (name, number) in _pictures)
        {
            nameStarts[number] = (int)names.Length; // numbers are given in the order of insertion
            names.Write(Encoding.UTF8.GetBytes(name));
        }
        nameStarts[^1] = (int)names.Length;
        return new LabelIndex
        {
            Names = names.ToArray(),
            NameStarts = nameStarts,
            LabelStarts = starts,
            Labels = labels[..kept],
            FirstRows = [.. _firstRows],
            Notes = Notes(contradicting),
        };
    }

    // Sorts the labels of every picture; the same twice becomes one, two that contradict each other become unknown.
    private static (int Kept, int Contradicting) Tidy(int[] starts, int[] labels, CancellationToken cancellation)
    {
        var (kept, contradicting) = (0, 0);
        for (var picture = 0; picture + 1 < starts.Length; picture++)
        {
            cancellation.ThrowIfCancellationRequested();
            var own = labels.AsSpan(starts[picture], starts[picture + 1] - starts[picture]);
            own.Sort();
            starts[picture] = kept;
            for (var i = 0; i < own.Length;)
            {
                var (first, end) = (own[i], i);
                while (end < own.Length && own[end] >> 1 == first >> 1)
                    end++;
                if (own[end - 1] == first)
                    labels[kept++] = first;
                else
                    contradicting++;
                i = end;
            }
        }
        starts[^1] = kept;
        return (kept, contradicting);
    }

    private List<string> Notes(int contradicting)
    {
        var notes = new List<string>();
        if (_otherClasses > 0)
        {
            notes.Add($"{Path.GetFileName(_path)}: {_otherClasses} of {_row - 1} rows name classes that are not to be "
                + $"learnt and are passed over");
        }
        if (contradicting > 0)
        {
            notes.Add(
                $"{Path.GetFileName(_path)}: {contradicting} labels are given as 1 and as 0; they count as unknown");
        }
        return notes;
    }

    private InputException Wrong(long row, string what) =>
        new($"{_path}: row {row}: {what}; correct or remove the row, or download the file again");
}
