namespace Flixstock.Engine;

/// <summary>The meaning of a label file's columns, decided by its header.</summary>
internal sealed class CsvColumns
{
    private readonly string _csv;
    private readonly bool _byClass;

    private CsvColumns(string csv, AttributeTable attributes, bool byClass) =>
        (_csv, Attributes, _byClass) = (csv, attributes, byClass);

    public AttributeTable Attributes { get; }

    /// <summary>Reads the header of a label file.</summary>
    /// <param name="csv">The file.</param>
    /// <param name="first">
    /// The file whose columns and words give the classes their order, if it exists: that of the training part.
    /// </param>
    /// <param name="note">Receives a note about the classes if the words of the file decide them.</param>
    /// <param name="cancellation">Stops the reading of the words.</param>
    public static CsvColumns Of(string csv, string first, Action<string> note, CancellationToken cancellation = default)
    {
        var header = new HashSet<string>(Header(csv), StringComparer.OrdinalIgnoreCase);
        var garments = header.SetEquals(AttributeTable.Garments.Groups.Select(group => group.Column));
        if ((LabelFile.Describe(csv, first, note, cancellation)
            ?? (garments ? AttributeTable.Garments : null)) is { } attributes)
        {
            var named = attributes.Groups.Any(group => header.Contains(group.Column));
            return new CsvColumns(csv, attributes, byClass: attributes.Independent || !named);
        }
        var classes = Ordered(File.Exists(first) ? first : csv);
        if (classes.Count == 0)
        {
            throw new InputException($"{csv}: row 1: there is no column beside '{LabelColumns.FileColumn}'; add a "
                + $"column for each class with 1 (there), 0 (not there) or nothing (unknown)");
        }
        return new CsvColumns(csv, AttributeTable.OfClasses(classes), byClass: true);
    }

    /// <summary>The rows with their labels.</summary>
    public List<LabelRow> Read(PartRequest request)
    {
        var rows = LabelFile.Read(_csv, Attributes, _byClass, paths: true, request.Cancellation);
        if (_byClass && !Attributes.Independent)
            rows.RemoveAll(row => !ExclusiveLabels.Complete(request, Attributes, row, _csv));
        return rows;
    }

    private static List<string> Header(string csv)
    {
        var headings = LabelColumns.Header(csv);
        var file = headings.Find(LabelColumns.FileColumn);
        return file >= 0
            ? [.. headings.Names.Where((name, i) => i != file && name.Length > 0)]
            : throw new InputException($"{csv}: row 1: the column '{LabelColumns.FileColumn}' is missing; the header "
                + $"must be {LabelColumns.FileColumn} and a column for each class or "
                + $"attribute{LabelColumns.FileHint(headings)}");
    }

    // Classes are named as the file writes them, so two that differ by case only would be the same column of another
    // part.
    private static List<string> Ordered(string csv)
    {
        var headings = LabelColumns.Header(csv);
        headings.RequireDistinct(Enumerable.Range(0, headings.Names.Count));
        return Header(csv);
    }
}
