using System.Globalization;
using CsvHelper;

namespace Flixstock.Engine;

/// <summary>A row of a label file.</summary>
/// <param name="row">Its place as a spreadsheet counts: the header is row 1.</param>
/// <param name="file">A plain file name.</param>
/// <param name="cells">One trimmed cell for every column asked for.</param>
internal delegate void LabelRowReader(int row, string file, ReadOnlySpan<string> cells);

/// <summary>Reads label files: a column with file names and the columns of labels, in any order; every fault is named by file, row and column.</summary>
internal static class LabelColumns
{
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

    /// <summary>Gives every row to <paramref name="read"/>.</summary>
    /// <param name="path">The label file.</param>
    /// <param name="columns">The columns of labels, in the order in which cells are given.</param>
    /// <param name="read">Takes the rows.</param>
    /// <param name="paths">Pictures may be named with folders, below the label file's.</param>
    public static void Read(string path, IReadOnlyList<string> columns, LabelRowReader read, bool paths = false)
    {
        var text = Text(path, columns);
        try
        {
            using var reader = CsvReader.FromText(text, Options);
            ReadRows(path, columns, reader, read, paths);
        }
        catch (Exception e) when (e is CsvFormatException or CsvValidationException)
        {
            throw Invalid(path, e);
        }
    }

    /// <summary>The columns that a label file names in its first row.</summary>
    public static List<string> Header(string path)
    {
        try
        {
            using var reader = CsvReader.FromText(Text(path, []), Options);
            reader.ReadHeader();
            return [.. reader.Headers.Select(header => header.Trim())];
        }
        catch (Exception e) when (e is CsvFormatException or CsvValidationException)
        {
            throw Invalid(path, e);
        }
    }

    /// <summary>Whether a cell says that nobody labelled it.</summary>
    public static bool IsUnknown(string cell) => cell.Length == 0 || cell == AttributeCsv.Unknown || cell.Equals("NaN", StringComparison.OrdinalIgnoreCase);

    public static InputException Wrong(string path, int row, string column, string what) => new($"{path}: row {row}, column '{column}': {what}");

    private static InputException Invalid(string path, Exception e) => new($"{path}: not a valid CSV file: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}; correct that line", e);

    private static string Text(string path, IReadOnlyList<string> columns)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: there is no such file; it must list the pictures and their labels (columns {Header(columns)})", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    private static void ReadRows(string path, IReadOnlyList<string> columns, CsvReader reader, LabelRowReader read, bool paths)
    {
        reader.ReadHeader();
        var places = FindColumns(path, columns, [.. reader.Headers]);
        var firstRows = new Dictionary<string, int>(StringComparer.Ordinal);
        var cells = new string[columns.Count];
        while (reader.Read())
        {
            var row = (int)reader.LineNumber;
            var file = reader.GetString(places[0]).Trim();
            CheckFile(path, row, file, paths);
            if (!firstRows.TryAdd(file, row))
                throw Wrong(path, row, ImageDataset.FileColumn, $"'{file}' was already named in row {firstRows[file]}; keep one of them");
            for (var i = 0; i < cells.Length; i++)
                cells[i] = reader.GetString(places[i + 1]).Trim();
            read(row, file, cells);
        }
    }

    private static void CheckFile(string path, int row, string file, bool paths)
    {
        if (file.Length == 0)
            throw Wrong(path, row, ImageDataset.FileColumn, "the file name is empty; name a picture or remove the row");
        if (paths)
        {
            if (Path.IsPathRooted(file) || file.Contains('\\') || file.Split('/').Any(part => part is "" or "." or ".."))
                throw Wrong(path, row, ImageDataset.FileColumn, $"'{file}' does not lie below the folder of the data set; write a name, or folders and a name with / between");
            return;
        }
        if (file is "." or ".." || file.AsSpan().IndexOfAny('/', '\\') >= 0)
            throw Wrong(path, row, ImageDataset.FileColumn, $"'{file}' is not a plain file name; write the name without folders");
    }

    private static int[] FindColumns(string path, IReadOnlyList<string> columns, List<string> headers)
    {
        var wanted = columns.Prepend(ImageDataset.FileColumn).ToList();
        headers = headers.ConvertAll(header => header.Trim());
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < headers.Count; i++)
        {
            if (!places.TryAdd(headers[i], i))
                throw new InputException($"{path}: row 1, column {i + 1}: the column '{headers[i]}' occurs twice; remove one");
        }
        foreach (var column in wanted)
        {
            if (!places.ContainsKey(column))
                throw new InputException($"{path}: the column '{column}' is missing; the header must be {Header(columns)}");
        }
        var known = wanted.ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < headers.Count; i++)
        {
            if (!known.Contains(headers[i]))
                throw new InputException($"{path}: row 1, column {i + 1}: unknown column '{headers[i]}'; remove it or describe it in {AttributeTable.FileName}");
        }
        return [.. wanted.Select(column => places[column])];
    }

    private static string Header(IReadOnlyList<string> columns)
    {
        const int Most = 30; // a line, not a page
        var shown = string.Join(',', columns.Take(Most).Select(AttributeCsv.Quoted).Prepend(ImageDataset.FileColumn));
        return columns.Count > Most ? $"{shown},... ({columns.Count} columns of labels)" : shown;
    }
}
