namespace Flixstock.Engine;

/// <summary>A row of a label file.</summary>
/// <param name="row">Number of the row as in a spreadsheet: the header is row 1.</param>
/// <param name="file">File name without folders.</param>
/// <param name="cells">One trimmed cell for every requested column.</param>
internal delegate void LabelRowReader(int row, string file, ReadOnlySpan<string> cells);

/// <summary>
/// Reads label files: a column with file names and the columns of labels, in any order; every fault is named by file,
/// row and column.
/// </summary>
internal static class LabelColumns
{
    /// <summary>The column with the pictures' file names.</summary>
    public const string FileColumn = "filename";

    private static readonly string[] OtherFileColumns =
    [
        "file_name", "file", "image_name", "image", "image_path", "image_id", "img", "path", "filepath", "picture",
        "photo", "name", "id",
    ];

    /// <summary>Gives every row to <paramref name="read"/>.</summary>
    /// <param name="path">The label file.</param>
    /// <param name="columns">The columns of labels, in the order in which cells are given.</param>
    /// <param name="read">Receives the rows.</param>
    /// <param name="paths">Pictures may be named with folders, below the label file's.</param>
    /// <param name="cancellation">Stops at the next row.</param>
    public static void Read(
        string path, IReadOnlyList<string> columns, LabelRowReader read, bool paths = false,
        CancellationToken cancellation = default)
    {
        using var table = Open(path, columns, cancellation);
        ReadRows(table, columns, read, paths, cancellation);
    }

    /// <summary>The columns that a label file names in its first row; empty for a column without a name.</summary>
    public static CsvHeadings Header(string path)
    {
        using var table = Open(path, []);
        return table.Headings;
    }

    /// <summary>True if a cell is marked as not labelled.</summary>
    public static bool IsUnknown(string cell) =>
        cell.Length == 0 || cell == AttributeCsv.Unknown || cell.Equals("NaN", StringComparison.OrdinalIgnoreCase);

    public static InputException Wrong(string path, int row, string column, string what) =>
        new($"{path}: row {row}, column '{column}': {what}");

    /// <summary>Opens a label file at its header.</summary>
    public static CsvTable Open(string path, IReadOnlyList<string> columns, CancellationToken cancellation = default) =>
        File.Exists(path)
            ? CsvTable.Open(path, [FileColumn], cancellation: cancellation)
            : throw new InputException($"{path}: there is no such file; it must list the pictures and their labels "
                + $"(columns {Header(columns)})");

    private static void ReadRows(
        CsvTable table, IReadOnlyList<string> columns, LabelRowReader read, bool paths, CancellationToken cancellation)
    {
        var places = FindColumns(table, columns);
        var firstRows = new Dictionary<string, int>(StringComparer.Ordinal);
        var cells = new string[columns.Count];
        while (table.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            var file = FileName(table, places[0], paths);
            if (!firstRows.TryAdd(file, table.Row))
                throw table.Wrong(places[0], $"'{file}' was already named in row {firstRows[file]}; keep one of them");
            for (var i = 0; i < cells.Length; i++)
                cells[i] = table.Cell(places[i + 1]);
            read(table.Row, file, cells);
        }
    }

    // Windows' separator is read as everybody else's.
    private static string FileName(CsvTable table, int column, bool paths)
    {
        var file = table.Cell(column);
        if (file.Length == 0)
            throw table.Wrong(column, "the file name is empty; name a picture or remove the row");
        if (!paths)
        {
            return file is "." or ".." || file.AsSpan().IndexOfAny('/', '\\', '\0') >= 0
                ? throw table.Wrong(column, $"'{file}' is not a plain file name; write the name without folders")
                : file;
        }
        return PictureFolders.PathBelow(file) ?? throw table.Wrong(column, $"'{file}' does not lie below the folder of "
            + $"the data set; write a name, or folders and a name with / between");
    }

    private static int[] FindColumns(CsvTable table, IReadOnlyList<string> columns)
    {
        var (path, headings) = (table.Path, table.Headings);
        var places = headings.FindAll(
            [.. columns.Prepend(FileColumn)],
            column => new InputException($"{path}: row 1: the column '{column}' is missing; the header must be "
                + $"{Header(columns)}{ReadAs(table)}" + (column == FileColumn
                    ? FileHint(headings)
                    : $", or {AttributeTable.FileName} must describe other columns")));
        var rest = Enumerable.Range(0, headings.Names.Count).Except(places)
            .Where(i => headings.Names[i].Length > 0).ToList();
        headings.RequireDistinct(rest);
        if (rest is [var first, ..])
        {
            throw new InputException($"{path}: row 1, column {first + 1}: unknown column '{headings.Names[first]}'; "
                + $"remove it or describe it in {AttributeTable.FileName}");
        }
        return places;
    }

    /// <summary>
    /// Addition to a message if the file names are under a heading that other tools use; empty if there is none.
    /// </summary>
    public static string FileHint(CsvHeadings headings) =>
        OtherFileColumns.Select(headings.Find).FirstOrDefault(place => place >= 0, -1) is >= 0 and var column
            ? $"; rename '{headings.Names[column]}' if it names the pictures"
            : "";

    /// <summary>
    /// Addition to a message about headings if their separator is not the usual one, or none was found.
    /// </summary>
    public static string ReadAs(CsvTable table) =>
        table.Separator != ',' ? $" (the cells are separated by {CsvSeparator.NameOf(table.Separator)})" : "";

    private static string Header(IReadOnlyList<string> columns)
    {
        const int Most = 30; // a line, not a page
        var shown = string.Join(',', columns.Take(Most).Select(CsvCell.Quoted).Prepend(FileColumn));
        return columns.Count > Most ? $"{shown},... ({columns.Count} columns of labels)" : shown;
    }
}
