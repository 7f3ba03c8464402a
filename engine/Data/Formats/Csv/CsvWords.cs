namespace Flixstock.Engine;

/// <summary>
/// What a label file without dataset.json says about its classes by the words in its cells: each column is an attribute
/// whose classes are the words, sorted; or the one column <c>tags</c> holds the names of all classes that are present.
/// Files whose cells are numbers define no classes.
/// </summary>
internal sealed class CsvWords
{
    private const int MostClasses = 1000, FewRows = 20;
    private static readonly string[] TagHeadings = ["tags", "labels", "classes", "categories"];

    private readonly string _path;
    private readonly List<string> _columns;
    // of every column the texts with the row that has them first
    private readonly SortedDictionary<string, int>[] _words;
    private int _rows;

    private CsvWords(string path, List<string> columns) => (_path, _columns, _words) =
        (path, columns, [.. columns.Select(_ => new SortedDictionary<string, int>(StringComparer.Ordinal))]);

    /// <summary>The attributes that the words of a file make; null if there are none.</summary>
    /// <exception cref="InputException">The file cannot be read, or its words cannot be classes.</exception>
    public static AttributeTable? Of(string path, CancellationToken cancellation = default)
    {
        var headings = LabelColumns.Header(path);
        var columns = headings.Names
            .Where((name, i) => name.Length > 0 && i != headings.Find(LabelColumns.FileColumn)).ToList();
        if (columns.Count == 0 || headings.Find(LabelColumns.FileColumn) < 0
            || !HoldsWords(path, columns, cancellation))
        {
            return null;
        }
        var words = new CsvWords(path, columns);
        LabelColumns.Read(path, columns, words.Add, paths: true, cancellation);
        return words.IsTags
            ? AttributeTable.OfClasses(words.Tags())
            : new AttributeTable([.. columns.Select((_, column) => words.Group(column))]);
    }

    /// <summary>The one column of a file that holds the names of several classes; null if it has another.</summary>
    public static string? TagColumn(CsvHeadings headings)
    {
        var columns = headings.Names
            .Where((name, i) => name.Length > 0 && i != headings.Find(LabelColumns.FileColumn)).ToList();
        return columns is [var only] && TagHeadings.Contains(only, StringComparer.OrdinalIgnoreCase) ? only : null;
    }

    /// <summary>True if a cell is a word: neither a number nor one of the ways to say yes, no or unknown.</summary>
    public static bool IsWord(string cell) =>
        !LabelColumns.IsUnknown(cell) && !CellNumber.IsLike(cell) && ClassCsv.Parse(cell) is null;

    // Columns are asked by their first known cell, so that files of numbers are not read twice.
    private static bool HoldsWords(string path, List<string> columns, CancellationToken cancellation)
    {
        using var table = LabelColumns.Open(path, columns, cancellation);
        var open = columns.ConvertAll(table.Headings.Find);
        while (open.Count > 0 && table.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (open.Exists(column => IsWord(table.Cell(column))))
                return true;
            open.RemoveAll(column => !LabelColumns.IsUnknown(table.Cell(column)));
        }
        return false;
    }

    // One name in every cell is an attribute, regardless of its heading.
    private bool IsTags => _columns is [var only] && TagHeadings.Contains(only, StringComparer.OrdinalIgnoreCase)
        && TagCells.AreLists(_words[0].Keys);

    private void Add(int row, string file, ReadOnlySpan<string> cells)
    {
        _rows++;
        for (var column = 0; column < cells.Length; column++)
        {
            if (!LabelColumns.IsUnknown(cells[column]))
                _words[column].TryAdd(cells[column], row);
        }
    }

    private List<string> Tags()
    {
        var separator = TagCells.SeparatorOf(_words[0].Keys);
        var tags = _words[0].Keys.SelectMany(cell => TagCells.Split(cell, separator)).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToList();
        RequireDistinct(0, tags);
        return tags.Count <= MostClasses ? tags : throw NoAttribute(0, $"has {tags.Count} different words");
    }

    private AttributeGroup Group(int column)
    {
        var (heading, words) = (_columns[column], _words[column]);
        var known = AttributeTable.Garments.Groups.FirstOrDefault(
            group => group.Column.Equals(heading, StringComparison.OrdinalIgnoreCase));
        var name = known?.Name ?? heading;
        if (words.Keys.All(CellNumber.IsLike) && (words.Count > 0 || known is not null))
            return Numbered(column, name, known?.Classes);
        if (words.Count < 2)
        {
            throw NoAttribute(
                column,
                words.Count == 0 ? "is unknown in every row" : $"holds '{words.Keys.First()}' and nothing else");
        }
        if (words.Count > MostClasses || (_rows >= FewRows && words.Count > _rows / 2))
            throw NoAttribute(column, $"has {words.Count} different texts in {_rows} rows");
        RequireDistinct(column, words.Keys);
        var group = new AttributeGroup(name, heading, words.Count, [.. words.Keys]);
        return !new ClassWords(group).NumbersAreNames
            ? group
            : throw NoAttribute(column, $"holds numbers and words ('{words.Keys.First()}' and '{words.Keys.Last()}')");
    }

    // Numbers between words are numbers of classes, as in files of numbers only.
    private AttributeGroup Numbered(int column, string name, int? classes)
    {
        const int MostNumbers = 100;
        var most = 0;
        foreach (var word in _words[column].Keys)
        {
            if (!CellNumber.TryParse(word, out var value) || value < 0 || value >= (classes ?? MostNumbers)
                || value != Math.Floor(value))
            {
                throw NoAttribute(column, $"holds numbers that are no classes ({word}{CellNumber.Hint(word)})");
            }
            most = Math.Max(most, (int)value);
        }
        return new AttributeGroup(name, _columns[column], classes ?? Math.Max(2, most + 1));
    }

    private void RequireDistinct(int column, IEnumerable<string> words)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var word in words)
        {
            if (!seen.TryAdd(word, word))
            {
                throw NoAttribute(
                    column, $"holds '{seen[word]}' and '{word}', which differ only in upper and lower case",
                    "write one of them");
            }
        }
    }

    private InputException NoAttribute(int column, string what, string remedy = "correct or remove it") =>
        new($"{_path}: row 1, column '{_columns[column]}': it {what}; {remedy}, or describe the attributes in "
            + $"{AttributeTable.FileName}");
}
