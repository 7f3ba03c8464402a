using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The kind of a column's cells, and so what may be done to them if a terminal is narrow.</summary>
internal enum CellKind
{
    /// <summary>Aligned to the right, never shortened.</summary>
    Number,

    /// <summary>Aligned to the left, never shortened: one of a few words.</summary>
    Word,

    /// <summary>A name or a path: shortened in the middle.</summary>
    Name,

    /// <summary>Several words: continues below.</summary>
    Text,
}

/// <summary>A column of a table.</summary>
/// <param name="Heading">Heading of the column; broken between words if the cells are narrower.</param>
/// <param name="Kind">Kind of its cells.</param>
/// <param name="Drop">0: always shown. Otherwise the columns with the highest number go first if there is no room for
/// all.</param>
internal sealed record TableColumn(string Heading, CellKind Kind = CellKind.Number, int Drop = 0)
{
    public static TableColumn Name(string heading) => new(heading, CellKind.Name);

    public static TableColumn Text(string heading, int drop = 0) => new(heading, CellKind.Text, drop);

    public static TableColumn Word(string heading, int drop = 0) => new(heading, CellKind.Word, drop);

    public static TableColumn Number(string heading, int drop = 0) => new(heading, CellKind.Number, drop);
}

/// <summary>A row of a table.</summary>
/// <param name="Cells">One cell for each column.</param>
internal sealed record TableRow(params string[] Cells)
{
    /// <summary>Rows of the same group stand below one heading; null: none.</summary>
    public string? Group { get; init; }

    /// <summary>The first cell below that heading, which need not say the group again.</summary>
    public string? NameInGroup { get; init; }

    /// <summary>A row about a class: the attribute is the group.</summary>
    /// <param name="attributes">The attributes of the class.</param>
    /// <param name="index">Index of the class.</param>
    /// <param name="cells">The cells after the name.</param>
    public static TableRow OfClass(AttributeTable attributes, int index, params string[] cells)
    {
        string[] all = [attributes.ClassNames[index], .. cells];
        if (attributes.Independent)
            return new TableRow(all);
        var first = 0;
        foreach (var group in attributes.Groups)
        {
            if (index < first + group.Classes)
                return new TableRow(all) { Group = group.Name, NameInGroup = ShortName(group, index - first) };
            first += group.Classes;
        }
        throw new ArgumentOutOfRangeException(nameof(index));
    }

    /// <summary>A class's name if its attribute is shown above it.</summary>
    public static string ShortName(AttributeGroup group, int index) =>
        group.ClassNames is { } names ? names[index] : $"{index}";
}

/// <summary>A table to print.</summary>
/// <param name="Title">Title above the table.</param>
/// <param name="Columns">The columns from left to right.</param>
/// <param name="Rows">The rows from top to bottom.</param>
internal sealed record TablePage(string Title, IReadOnlyList<TableColumn> Columns, IReadOnlyList<TableRow> Rows)
{
    /// <summary>
    /// The place of columns that do not fit, for instance a file; null: only a wider terminal shows them.
    /// </summary>
    public string? Elsewhere { get; init; }

    /// <summary>
    /// The columns in words: those from <paramref name="rightFrom"/> on are numbers, and the last goes first if there
    /// is no room for all.
    /// </summary>
    public static TablePage Of(string title, string[] header, IEnumerable<string[]> rows, int rightFrom) => new(
        title,
        [.. header.Select((heading, i) => new TableColumn(
            heading, i >= rightFrom ? CellKind.Number : i == 0 ? CellKind.Name : CellKind.Text, i <= 1 ? 0 : i))],
        [.. rows.Select(cells => new TableRow(cells))]);
}
