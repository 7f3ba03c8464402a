namespace Flixstock.Engine;

/// <summary>Results of a grid and the files that they are written to.</summary>
/// <param name="ResultsFile">Path of the CSV file with a row for each training.</param>
/// <param name="TablesFile">Path of the Markdown file with the tables.</param>
public sealed record ExperimentReport(string ResultsFile, string TablesFile)
{
    /// <summary>The results in the grid's order.</summary>
    public IReadOnlyList<ExperimentResult> Results { get; init; } = [];

    /// <summary>Tables of the results: mean and sample standard deviation over seeds.</summary>
    public IReadOnlyList<ExperimentTable> Tables => ExperimentTables.Of(Results);

    /// <summary>One line about classes whose AP rests on few labels; null if there are none.</summary>
    public string? Note => ExperimentTables.Note(Results);

    /// <summary>Refuses folders with the names of the files, before the work.</summary>
    internal void RequireFree()
    {
        foreach (var file in new[] { ResultsFile, TablesFile })
            Files.RequireNoFolder(file, $"{Term.Folder}");
    }

    /// <summary>Writes both files.</summary>
    internal void Write()
    {
        Files.WriteAtomically(ResultsFile, ExperimentTables.ToCsv(Results));
        Files.WriteAtomically(TablesFile, string.Join('\n', Tables.Select(table => table.ToMarkdown())));
    }
}
