using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock split</c>: training, validation and test, with rare classes balanced.</summary>
internal static class SplitCommand
{
    private const string Manual = """
        Checks every picture and label, then divides them 80 : 10 : 10. The same seed gives the same files as
        the Python project. Originals are copied byte for byte; training pictures with rare classes get changed
        copies (shift, scale, rotate, flip, colour, perspective, tone). Writes images_split/, images_augmented/,
        attributes_train.csv, attributes_val.csv, attributes_test.csv and class_distribution.csv below DIR.
        A picture that cannot be decoded stops the command before anything is written, unless --skip-bad.
        A division that is already there is replaced only with --overwrite.
        """;

    public static Command Create(Session session)
    {
        var data = new DataOptions(session, "Folder with images_cleaned/images and attributes_cleaned.csv");
        var seed = Options.Seed(1337, "Decides which picture goes to which part.");
        var stratified = Options.Flag("--stratified", "Balance the parts over all attributes, unknown labels counted.");
        var skipBad = SkipBad.Option(
            "Leave out up to n pictures that cannot be decoded, and list them; without n any number.");
        var rotate = Options.Flag("--exif-rotate", "Turn pictures as their EXIF orientation says.");
        var plain = Options.Flag("--no-augment", "No changed copies of training pictures.");
        var overwrite = Options.Flag("--overwrite", "Replace the division that is already there.");
        var workers = Options.Workers();
        var pictures = new PictureOptions(session);
        var takeOver = Options.TakeOver();
        var command = new DocumentedCommand(
            "split", "Divide a data set into training, validation and test.", Manual, "flixstock split --data garments",
            "flixstock split --data photos --stratified --skip-bad")
        {
            seed, stratified, skipBad, rotate, plain, overwrite, takeOver, workers,
        };
        data.AddFolder(command);
        pictures.AddTo(command);
        command.Aliases.Add("images_train_test_valid_split"); // the reference project's script
        command.SetAction(parsed =>
        {
            var folder = data.Folder(parsed) ?? session.Chosen("--data", session.Places.UndividedData());
            Run(session, folder, new SplitOptions
            {
                Seed = parsed.GetValue(seed),
                Stratified = parsed.GetValue(stratified),
                SkipBad = parsed.GetValue(skipBad) is not null,
                MostSkipped = parsed.GetValue(skipBad) ?? 0,
                ExifRotate = parsed.GetValue(rotate),
                Augment = !parsed.GetValue(plain),
                Overwrite = parsed.GetValue(overwrite),
                TakeOver = parsed.GetValue(takeOver),
                Workers = parsed.GetValue(workers),
                Pictures = pictures.Read(parsed),
            });
            session.Terminal.Remark($"next: flixstock train --data {folder} --out run");
        });
        return command;
    }

    public static void Run(Session session, string folder, SplitOptions options)
    {
        var terminal = session.Terminal;
        var speed = new ProgressSpeed();
        var progress = new ProgressReport<SplitProgress>(at =>
            terminal.Progress(
                (double)at.Done / Math.Max(1, at.Total),
                () => speed.Text(at.Stage, at.Done, at.Total, "images/s", $"{at.Stage} {at.Done} of {at.Total}")));
        var report = new DatasetSplitter(folder, options).Run(progress, session.Cancellation);
        terminal.EndLine();
        foreach (var note in report.Notes)
            terminal.Remark($"note: {Terminal.OneLine(note)}");
        foreach (var line in report.PassedOver.Lines(session.Verbose))
            terminal.Line(Terminal.OneLine(line));
        foreach (var bad in report.Skipped)
            terminal.Line($"left out: {Terminal.OneLine(bad)}");
        if (report.Unlabelled.Count > 0)
        {
            terminal.Line($"{report.Unlabelled.Count} pictures have no row in attributes_cleaned.csv and are not used, "
                + $"the first is {report.Unlabelled[0]}");
        }
        foreach (var distribution in report.Distribution)
            Print(terminal, distribution);
        if (report.Distribution.Count == 0)
        {
            terminal.Remark($"classes that are independent of each other get no changed copies; their counts: "
                + $"flixstock data show --data {folder}");
        }
        terminal.Line($"{report.Train} pictures for training (+ {report.Augmented} changed copies), "
            + $"{report.Validation} for validation, {report.Test} for test");
        foreach (var output in report.Outputs)
            terminal.Line($"  {output}");
    }

    private static void Print(Terminal terminal, ClassDistribution distribution) => terminal.RemarkTable(TablePage.Of(
        distribution.Group.Name,
        ["class", "train", "with copies", "validation", "test"],
        Enumerable.Range(0, distribution.Group.Classes + 1).Select(i => new[]
        {
            i < distribution.Group.Classes ? TableRow.ShortName(distribution.Group, i) : "unknown",
            $"{distribution.TrainBefore[i]}", $"{distribution.TrainAfter[i]}", $"{distribution.Validation[i]}",
            $"{distribution.Test[i]}",
        }),
        rightFrom: 1));
}
