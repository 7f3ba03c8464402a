using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock data</c>: inspects, checks and packs data sets and simulates missing labels.</summary>
internal static class DataCommand
{
    private const string Manual = """
        Shows what is labelled in a data set, looks for faults in it, and packs it into shards. All layouts are read: the
        garments', custom CSVs, folders of classes, MS-COCO, OpenImages, LVIS and shards (docs/datasets.md).
        """;

    private const string ShowManual = """
        Counts for every class and part the pictures that have it (+), do not have it (-), and those of which it is
        unknown (?). Files among the pictures that are not read are counted by reason and ending. Pictures are opened for
        --report alone: one HTML file that needs nothing else, with labels, classes that occur together, sizes, faults,
        duplicates and pictures that lie in two parts next to each other, and examples of every class.
        """;

    private const string CheckManual = """
        Opens every picture and searches for: missing, unreadable and truncated pictures, pictures that lie in two parts,
        labels that contradict each other (errors); pictures that occur twice or look alike, tiny pictures, classes
        without a picture, files that are ignored (warnings). Look-alikes are found by a perceptual hash and are worth a
        look, not certain.
        --csv writes the list to work through: file, part, fault, severity, detail, remedy. Nothing is changed.
        Ends with 0 if there is no error, with 1 if there is one, as a linter does; --strict counts warnings as well.
        """;

    public static Command Create(Session session) => new DocumentedCommand(
        "data", "Show, check and pack data sets.", Manual, "flixstock data show --data coco",
        "flixstock data check --data garments --csv faults.csv")
    {
        Show(session), Check(session), DataPackCommand.Create(session), DataSimulateCommand.Create(session),
        DataFetchCommand.Create(session), DataMosaicCommand.Create(session),
    };

    private static DocumentedCommand Show(Session session)
    {
        var data = new DataOptions(session);
        var json = Options.Flag("--json", "Print JSON instead of tables.");
        var csv = Options.OptionalPath("--csv", "Also write all counts to this CSV file.");
        var chart = Options.OptionalPath("--chart", "Also draw the labels of the first part as this PNG file.");
        var report = Options.OptionalPath("--report", "Also look at every picture and write this HTML file.");
        var pictures = Options.Integer(
            "--pictures", new ReportOptions().Pictures, "With --report: pictures of a kind at most; 0: none.", 0, 200);
        var workers = Options.Workers();
        var command = new DocumentedCommand(
            "show", "Count labels by class and part.", ShowManual,
            "flixstock data show --data coco --chart labels.png", "flixstock data show --data coco --report data.html");
        data.AddTo(command, decodes: true);
        data.AddFold(command);
        foreach (var option in new Option[] { json, csv, chart, report, pictures, workers })
            command.Add(option);
        command.SetAction(parsed =>
        {
            var (asJson, source) = (parsed.GetValue(json), data.Read(parsed));
            if (!asJson)
                source = LoadedData.Resolve(session, source);
            RequireNoData(parsed.GetValue(csv), "--csv", source.Path, "class,part,positive");
            if (parsed.GetValue(chart) is { } picture)
                Files.RequireNoFolder(picture, "--chart");
            if (parsed.GetValue(report) is { } page)
                HtmlFile.Require(page, "--report");
            else
                parsed.RefuseAny([pictures, workers, .. data.Pictures.All], "it is for --report, which is not given");
            var summary = DatasetSummary.Of(source);
            DataPages.Show(session.Terminal, summary, asJson, session.Verbose);
            DataPages.Write(
                session.Terminal, parsed.GetValue(csv),
                path => Files.WriteAtomically(path, summary.ToCsv()), quiet: asJson);
            DataPages.Write(
                session.Terminal, parsed.GetValue(chart),
                path => LabelChart.Save(path, summary.Attributes, summary.Parts[0]), quiet: asJson);
            DataPages.Write(
                session.Terminal, parsed.GetValue(report),
                path => Files.WriteAtomically(path, Page(session, source, summary, new CheckOptions
                {
                    Workers = parsed.GetValue(workers),
                }, new ReportOptions { Pictures = parsed.GetValue(pictures) }, quiet: asJson)), quiet: asJson);
            return CommandLine.Done;
        });
        return command;
    }

    private static string Page(
        Session session, DatasetSource source, DatasetSummary summary, CheckOptions checking, ReportOptions options,
        bool quiet)
    {
        var look = Look(session, source, checking, quiet);
        return DatasetPage.Of(
            new DatasetFacts(source.Path, summary, look), options, session.Cancellation);
    }

    private static DatasetLook Look(Session session, DatasetSource source, CheckOptions options, bool quiet)
    {
        var speed = new ProgressSpeed();
        var progress = new ProgressReport<(int Done, int Total)>(at => session.Terminal.Progress(
            (double)at.Done / Math.Max(1, at.Total),
            () => speed.Text("", at.Done, at.Total, "images/s", $"looking at {at.Done} of {at.Total} pictures")));
        var look = new DatasetChecker(source, options).Look(quiet ? null : progress, session.Cancellation);
        session.Terminal.EndLine();
        var faults = look.Report.Faults.Select(
            fault => fault with { Wording = MessageText.Shortened(Advice.Of(fault.Wording)) });
        return look with { Report = look.Report with { Faults = [.. faults] } };
    }

    private static void RequireNoData(string? file, string option, string data, string sign)
    {
        if (file is not null)
            DataFiles.RequireNone(file, option, data, [], sign);
    }

    private static DocumentedCommand Check(Session session)
    {
        var data = new DataOptions(session);
        var tiny = Options.Integer(
            "--tiny", new CheckOptions().TinySide, "A picture with a side below this many pixels is tiny.", 0, 65536);
        var strict = Options.Flag("--strict", "Warnings also end with exit code 1.");
        var json = Options.Flag("--json", "Print JSON instead of tables.");
        var csv = Options.OptionalPath("--csv", "Also write the list of faults to this CSV file.");
        var workers = Options.Workers();
        var command = new DocumentedCommand(
            "check", "Look for faults in pictures and labels.", CheckManual,
            "flixstock data check --data garments --csv faults.csv",
            "flixstock data check --data coco --skip-missing --strict");
        data.AddTo(command);
        foreach (var option in new Option[] { tiny, strict, json, csv, workers })
            command.Add(option);
        command.SetAction(parsed =>
        {
            var (asJson, source) = (parsed.GetValue(json), data.Read(parsed));
            if (!asJson)
                source = LoadedData.Resolve(session, source);
            RequireNoData(parsed.GetValue(csv), "--csv", source.Path, "file,part,fault");
            var options = new CheckOptions { TinySide = parsed.GetValue(tiny), Workers = parsed.GetValue(workers) };
            var report = Look(session, source, options, quiet: asJson).Report;
            DataPages.Check(session.Terminal, report, asJson);
            DataPages.Write(
                session.Terminal, parsed.GetValue(csv),
                path => Files.WriteAtomically(path, report.ToCsv()), quiet: asJson);
            return report.Errors > 0 || (parsed.GetValue(strict) && report.Faults.Count > 0)
                ? CommandLine.MachineFailed
                : CommandLine.Done;
        });
        return command;
    }
}
