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

    /// <summary>
    /// Path of the PNG with the methods' means and differences, an SVG next to it; written with the tables.
    /// </summary>
    public string ChartPath => Path.ChangeExtension(TablesFile, ".png");

    /// <summary>What is written: a chart only where a training is done.</summary>
    public IReadOnlyList<string> Written => Results.Count > 0
        ? [ResultsFile, TablesFile, ChartPath, ChartFile.SvgOf(ChartPath)]
        : [ResultsFile, TablesFile];

    /// <summary>Refuses folders with the names of the files, before the work.</summary>
    internal void RequireFree()
    {
        foreach (var file in new[] { ResultsFile, TablesFile, ChartPath, ChartFile.SvgOf(ChartPath) })
            Files.RequireNoFolder(file, $"{Term.Folder}");
    }

    /// <summary>Writes all files.</summary>
    internal void Write()
    {
        Files.WriteAtomically(ResultsFile, ExperimentTables.ToCsv(Results));
        Files.WriteAtomically(TablesFile, string.Join('\n', Tables.Select(table => table.ToMarkdown())));
        if (Results.Count > 0)
            ChartFile.Save(ChartPath, ExperimentChart.Panels(Results));
    }
}
