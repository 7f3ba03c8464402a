using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock review</c>: labels that are probably wrong or missing.</summary>
internal static class ReviewCommand
{
    private const string Manual = """
        Finds pictures for which a model is sure of something else than the label says (kind disagree), and pictures for
        which it is sure and no label is known (kind unknown). Writes OUT/review.csv (file, class, label, probability, kind; labels
        that disagree first, each kind most confident first) and OUT/review.png, a contact sheet of the first ones. The model's temperature is used if 'flixstock thresholds' has fitted one.
        A model agrees with the labels it has learnt: what it finds among its own training pictures is what it could not learn.
        """;

    public static Command Create(Session session)
    {
        var scored = new ScoredPartOptions(session, "train", "val", "test");
        var sheets = new SheetOptions();
        var output = Options.OptionalPath(
            "--out", "Folder for review.csv and review.png; without it: results.", "folder");
        var command = new DocumentedCommand(
            "review", "List labels that are probably wrong or missing.", Manual,
            "flixstock review --data garments --weights run/best.safetensors --out review")
        {
            output,
        };
        sheets.AddTo(command);
        scored.AddTo(command);
        command.SetAction(parsed =>
        {
            using var pictures = scored.Open(parsed);
            var folder = parsed.GetValue(output) ?? "results";
            pictures.RequireOtherFile(Path.Combine(folder, "review.csv"), "--out", LabelReview.Heading);
            pictures.RequireOtherFile(Path.Combine(folder, "review.png"), "--out");
            var (values, dataset) = pictures.Probabilities(folder);
            var job = SheetJob.Of(parsed, sheets);
            var items = LabelReview.Find(values, dataset, (float)job.Confidence, session.Cancellation);
            var (disagree, unknown) =
                PictureChoice.Suspicious(items, dataset.Attributes, job.Confidence, job.Most);
            using (var staged = new StagedOutput(folder))
            {
                staged.Write(fresh =>
                {
                    Files.WriteAtomically(Path.Combine(fresh, "review.csv"), LabelReview.ToCsv(items));
                    job.Save(
                        session, pictures, dataset,
                        [(AnswerSheet.Suspicious(disagree, unknown, job.Most), Path.Combine(fresh, "review.png"))]);
                });
                staged.PublishFiles(["review.png"]); // an older list's sheet does not stay next to a list without one
            }

            Print(session.Terminal, items, dataset.Samples.Count);
            session.Terminal.Line($"written: {folder}");
            return CommandLine.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, IReadOnlyList<ReviewItem> items, int pictures)
    {
        const int Shown = 10;
        terminal.Line($"{pictures} pictures: {items.Count(item => item.Kind == ReviewKind.Disagree)} labels disagree "
            + $"with a confident prediction, {items.Count(item => item.Kind == ReviewKind.Unknown)} confident "
            + $"predictions where the label is unknown");
        if (items.Count > 0)
        {
            terminal.Table(new TablePage(
                "Labels that disagree first, each kind most confident first",
                [
                    TableColumn.Name("file"), TableColumn.Name("class"), TableColumn.Name("label"),
                    TableColumn.Word("kind"), TableColumn.Number("probability"),
                ],
                [.. items.Take(Shown).Select(item => new TableRow(
                    item.File, item.Class, item.Label, item.Kind.ToString().ToLowerInvariant(),
                    $"{item.Probability:0.0000}"))]));
        }
    }
}
