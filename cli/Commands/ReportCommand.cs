using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock report</c>: a page that shows training runs.</summary>
internal static class ReportCommand
{
    private const string Manual = """
        Writes one HTML file about a training run, or about up to 8 next to each other, that needs nothing else: it can be
        sent and printed. It shows the curves of the training and, from running the best weights over the validation
        pictures once more, precision and recall, F1 over the threshold, average precision by class frequency, reliability,
        confusion with the pictures behind each cell, every class in a table, and a model card. Pictures whose label disagrees
        with a sure model come first, then those without a label, wrong answers and uncertain ones.
        The data set is where the run says, or where --data says; if it is not there any more, the page says so and shows
        the training alone. Unknown labels never count. Several runs stand in one table, in which options that differ are marked.
        """;

    public static Command Create(Session session)
    {
        var runs = new Argument<string[]>("runs")
        {
            Description = "Folders of training runs.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = Options.OptionalPath(
            "--out", "The page; without it report.html in the run's folder, or of several runs in the current one.");
        var data = Options.OptionalPath(
            "--data", "Folder of the data set, where it was moved; without it the one that each run names.", "folder");
        var resamples = Options.Integer(
            "--bootstrap", EvaluationOptions.DefaultResamples,
            "Resamples of the pictures for the 95 % intervals; 0: no intervals.", 0, 1_000_000);
        var confidence = Options.Number(
            "--confidence", new ReportOptions().Confidence,
            "How sure the model has to be for a label to be suspicious.", 0.5, 1);
        var pictures = Options.Integer(
            "--pictures", new ReportOptions().Pictures, "Pictures of a kind at most; 0: none.", 0, 200);
        var workers = Options.Workers();
        var device = new DeviceOptions(training: false);
        var command = new DocumentedCommand(
            "report", "Show training runs in one HTML file.", Manual,
            "flixstock report run", "flixstock report run other-run --out comparison.html")
        {
            runs, output, data, resamples, confidence, pictures, workers,
        };
        device.AddTo(command);
        command.SetAction(parsed => ReportJob.Run(session, new ReportRequest
        {
            Runs = parsed.GetRequiredValue(runs),
            Output = parsed.GetValue(output),
            Data = parsed.GetValue(data),
            Workers = parsed.GetValue(workers),
            Device = device.Read(parsed),
            Options = new ReportOptions
            {
                Resamples = parsed.GetValue(resamples),
                Confidence = parsed.GetValue(confidence),
                Pictures = parsed.GetValue(pictures),
            },
        }));
        return command;
    }
}
