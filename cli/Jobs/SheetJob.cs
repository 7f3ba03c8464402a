using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Draws contact sheets of what a model says about a part of a data set.</summary>
/// <param name="Most">Largest number of pictures on a sheet.</param>
/// <param name="Explain">With maps over the pictures.</param>
/// <param name="Confidence">The least confidence that makes a label suspicious.</param>
internal sealed record SheetJob(int Most, bool Explain, double Confidence)
{
    /// <summary>What the options ask for.</summary>
    public static SheetJob Of(ParseResult parsed, SheetOptions options) =>
        new(parsed.GetValue(options.Most), parsed.GetValue(options.Explain), parsed.GetValue(options.Confidence));

    /// <summary>Names of the files that <see cref="SaveAll"/> may write.</summary>
    public static IEnumerable<string> FileNames => AnswerSheet.Names.Select(FileOf);

    /// <summary>
    /// Draws those of the four sheets that have pictures, and says of the others that they have none.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="pictures">The model and the part.</param>
    /// <param name="evaluation">What was chosen.</param>
    /// <param name="folder">The folder of the sheets.</param>
    public void SaveAll(Session session, ScoredPart pictures, RunEvaluation evaluation, string folder)
    {
        var sheets = AnswerSheet.All(evaluation.Pictures, Most);
        Save(
            session, pictures, evaluation.Dataset,
            [.. sheets.Select(sheet => (sheet, Path.Combine(folder, FileOf(sheet.Name))))]);
        foreach (var empty in sheets.Where(sheet => !sheet.Answers.Any()))
            session.Terminal.Remark($"{empty.Title}: no sheet");
    }

    /// <summary>Draws those sheets that have pictures.</summary>
    /// <param name="session">The session.</param>
    /// <param name="pictures">The model and the part.</param>
    /// <param name="dataset">The pictures that were scored.</param>
    /// <param name="sheets">The sheets and their files.</param>
    public void Save(
        Session session, ScoredPart pictures, ImageDataset dataset,
        IReadOnlyList<(AnswerSheet Sheet, string Path)> sheets)
    {
        var source = new SheetSource(
            dataset, pictures.Loading.Preparation.ExifRotate,
            $"{pictures.Checkpoint.Path}, {pictures.Part}, {dataset.Samples.Count} pictures.")
        {
            Maps = Explain ? pictures.Maps(dataset, [.. sheets.SelectMany(one => one.Sheet.Answers)]) : null,
        };
        foreach (var (sheet, path) in sheets.Where(one => one.Sheet.Answers.Any()))
            sheet.Save(path, source, session.Cancellation);
    }

    private static string FileOf(string name) => $"sheet_{name}.png";
}
