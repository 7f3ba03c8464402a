using System.Globalization;
using System.Text;
using CsvHelper;

namespace Flixstock.Engine;

/// <summary>A row of the labels: its place in the file as a spreadsheet counts (the header is row 1), the picture, the class per group or -1.</summary>
internal sealed record AttributeRow(int Row, string File, int[] Classes);

/// <summary>The label file: one row per picture, one column per attribute; every fault is named by file, row and column.</summary>
internal sealed class AttributeCsv
{
    /// <summary>How an unknown label is written.</summary>
    public const string Unknown = "#N/A";

    private static readonly CsvReaderOptions Options = new()
    {
        // The defaults guess the separator and repair what is broken; labels must be exact.
        Separator = ',',
        FormatProvider = CultureInfo.InvariantCulture,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        MissingField = CsvMissingFieldHandling.Throw,
        MalformedData = CsvMalformedDataHandling.Throw,
        TrackLineNumbers = true,
    };

    private readonly string _path;
    private readonly AttributeTable _table;

    private AttributeCsv(string path, AttributeTable table)
    {
        _path = path;
        _table = table;
    }

    public List<AttributeRow> Rows { get; } = [];

    public static AttributeCsv Read(string path, AttributeTable table)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: there is no such file; it must list the pictures and their attributes (columns {Columns(table)})", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
        var result = new AttributeCsv(path, table);
        try
        {
            using var reader = CsvReader.FromText(text, Options);
            result.ReadRows(reader);
        }
        catch (Exception e) when (e is CsvFormatException or CsvValidationException)
        {
            throw new InputException($"{path}: not a valid CSV file: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        return result;
    }

    /// <summary>Whether a group's column has an unknown cell anywhere: such columns are written as <c>6.0</c>, others as <c>6</c> (what pandas makes of them).</summary>
    public bool HasUnknown(int group) => Rows.Any(row => row.Classes[group] < 0);

    /// <summary>The text of a label file, LF line ends.</summary>
    public string Format(IEnumerable<(string File, int[] Classes)> rows)
    {
        var suffixes = Enumerable.Range(0, _table.Groups.Count).Select(group => HasUnknown(group) ? ".0" : "").ToArray();
        var text = new StringBuilder().Append(Columns(_table)).Append('\n');
        foreach (var (file, classes) in rows)
        {
            text.Append(Quoted(file));
            for (var group = 0; group < classes.Length; group++)
                text.Append(',').Append(classes[group] < 0 ? Unknown : classes[group] + suffixes[group]);
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Columns(AttributeTable table) => string.Join(',', table.Groups.Select(group => Quoted(group.Column)).Prepend(ImageDataset.FileColumn));

    public static string Quoted(string value) => value.AsSpan().IndexOfAny(",\"\r\n") < 0 ? value : $"\"{value.Replace("\"", "\"\"")}\"";

    private void ReadRows(CsvReader reader)
    {
        reader.ReadHeader();
        var columns = FindColumns([.. reader.Headers]);
        var firstRows = new Dictionary<string, int>(StringComparer.Ordinal);
        while (reader.Read())
        {
            var row = (int)reader.LineNumber;
            var file = reader.GetString(columns[0]).Trim();
            if (file.Length == 0)
                throw Wrong(row, ImageDataset.FileColumn, "the file name is empty; name a picture or remove the row");
            if (file is "." or ".." || file.AsSpan().IndexOfAny('/', '\\') >= 0)
                throw Wrong(row, ImageDataset.FileColumn, $"'{file}' is not a plain file name; write the name without folders");
            if (!firstRows.TryAdd(file, row))
                throw Wrong(row, ImageDataset.FileColumn, $"'{file}' was already named in row {firstRows[file]}; keep one of them");
            var classes = new int[_table.Groups.Count];
            for (var group = 0; group < classes.Length; group++)
                classes[group] = ParseClass(reader.GetString(columns[group + 1]), row, _table.Groups[group]);
            Rows.Add(new AttributeRow(row, file, classes));
        }
    }

    private int[] FindColumns(List<string> headers)
    {
        var wanted = _table.Groups.Select(group => group.Column).Prepend(ImageDataset.FileColumn).ToList();
        headers = headers.ConvertAll(header => header.Trim());
        foreach (var column in wanted)
        {
            if (!headers.Contains(column, StringComparer.Ordinal))
                throw new InputException($"{_path}: the column '{column}' is missing; the header must be {Columns(_table)}");
        }
        for (var i = 0; i < headers.Count; i++)
        {
            if (!wanted.Contains(headers[i], StringComparer.Ordinal))
                throw new InputException($"{_path}: row 1, column {i + 1}: unknown column '{headers[i]}'; remove it or describe it in {AttributeTable.FileName}");
            if (headers.IndexOf(headers[i]) != i)
                throw new InputException($"{_path}: row 1, column {i + 1}: the column '{headers[i]}' occurs twice; remove one");
        }
        return [.. wanted.Select(column => headers.IndexOf(column))];
    }

    private int ParseClass(string cell, int row, AttributeGroup group)
    {
        cell = cell.Trim();
        if (cell.Length == 0 || cell == Unknown || cell.Equals("NaN", StringComparison.OrdinalIgnoreCase))
            return -1;
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value >= 0 && value < group.Classes && value == Math.Floor(value))
        {
            return (int)value;
        }
        throw Wrong(row, group.Column, $"'{cell}' is not a class of {group.Name}; write 0 to {group.Classes - 1}, or {Unknown} where it is unknown");
    }

    private InputException Wrong(int row, string column, string what) => new($"{_path}: row {row}, column '{column}': {what}");
}
