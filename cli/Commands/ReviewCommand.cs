using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock review</c>: labels that are probably wrong or missing.</summary>
internal static class ReviewCommand
{
    private const string Manual = """
        Finds pictures for which a model is sure of something else than the label says (kind disagree), and pictures for
        which it is sure and no label is known (kind unknown). Writes OUT/review.csv (file, class, label, probability, kind; the
        most confident first) and OUT/review.png, a contact sheet of the first ones. The model's temperature is used if 'flixstock thresholds' has fitted one.
        A model agrees with the labels it has learnt: what it finds among its own training pictures is what it could not learn.
        """;

    public static Command Create(Session session)
    {
        var scored = new ScoredPartOptions(session, "train", "val", "test");
        var confidence = Options.Number("--confidence", 0.9, "How sure the model has to be.", 0.5, 1);
        var most = Options.Integer("--pictures", 60, "Pictures on the contact sheet at most.", 1, 1000);
        var output = Options.OptionalPath(
            "--out", "Folder for review.csv and review.png; without it: results.", "folder");
        var command = new DocumentedCommand(
            "review", "List labels that are probably wrong or missing.", Manual,
            "flixstock review --data garments --weights run/best.safetensors --out review")
        {
            confidence, most, output,
        };
        scored.AddTo(command);
        command.SetAction(parsed =>
        {
            using var pictures = scored.Open(parsed);
            var folder = parsed.GetValue(output) ?? "results";
            pictures.RequireOtherFile(Path.Combine(folder, "review.csv"), "--out", LabelReview.Heading);
            pictures.RequireOtherFile(Path.Combine(folder, "review.png"), "--out");
            var (values, dataset) = pictures.Probabilities(folder);
            var items = LabelReview.Find(values, dataset, (float)parsed.GetValue(confidence), session.Cancellation);
            using (var staged = new StagedOutput(folder))
            {
                staged.Write(fresh =>
                {
                    Files.WriteAtomically(Path.Combine(fresh, "review.csv"), LabelReview.ToCsv(items));
                    if (items.Count == 0)
                        return;
                    var rotate = pictures.Checkpoint.Preparation.ExifRotate;
                    SaveSheet(session, fresh, items, dataset, parsed.GetValue(most), rotate);
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
                "Most confident first",
                [
                    TableColumn.Name("file"), TableColumn.Name("class"), TableColumn.Name("label"),
                    TableColumn.Word("kind"), TableColumn.Number("probability"),
                ],
                [.. items.Take(Shown).Select(item => new TableRow(
                    item.File, item.Class, item.Label, item.Kind.ToString().ToLowerInvariant(),
                    $"{item.Probability:0.0000}"))]));
        }
    }

    private static void SaveSheet(
        Session session, string folder, IReadOnlyList<ReviewItem> items, ImageDataset dataset, int most,
        bool exifRotate)
    {
        RgbPicture Picture(ReviewItem item)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            return dataset.Samples[item.Sample].Decode(exifRotate);
        }
        var pictures = items.Take(most).Select(item =>
            ((Func<RgbPicture>)(() => Picture(item)), $"{item.Class} {item.Probability:P0}, label "
                + $"{(item.Label.Length == 0 ? "unknown" : item.Label)}")).ToList();
        ContactSheet.Save(
            Path.Combine(folder, "review.png"), pictures, columns: 6, cell: 180,
            title: $"The {pictures.Count} most confident of {items.Count}");
    }
}
