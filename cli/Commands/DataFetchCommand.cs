using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock data fetch</c>: makes a data set of what a package of the system holds.</summary>
internal static class DataFetchCommand
{
    private const string Fashion = "fashion-mnist", Drawings = "clipart";

    private const string Manual = """
        Makes a data set of real pictures of what the system's package manager has, where it has it (Debian, Ubuntu and
        their relatives). fashion-mnist: 70,000 photos of garments by Zalando, 28 x 28 in grey, ten classes, MIT licence,
        31 MB: the parts train (55,000), val (every twelfth of training's 60,000) and test (10,000).
        clipart: the drawings of the Open Clip Art Library (public domain, 25 MB) whose folder is one of 17 classes,
        painted on white, with the labels that their authors gave them: what an author's tag says is positive, all else is
        unknown, in train and val; in test the drawing's folder is the truth. docs/clipart.md describes it.
        Files that are installed are taken from there; otherwise the package is downloaded by apt-get, for which nobody
        needs to be root, and unpacked without being installed. --files names a folder with the published files, for
        other systems: https://github.com/zalandoresearch/fashion-mnist has the four of fashion-mnist; for clipart it is
        the folder that holds animals, food, people and others, of SVG files. Those are read as data: a drawing that
        refers to another file, is too large or takes longer than 20 s is left out and named in skipped.csv.
        """;

    public static DocumentedCommand Create(Session session)
    {
        var name = new Argument<string>("name") { Description = "The data set: fashion-mnist or clipart." };
        name.AcceptOnlyFromAmong(Fashion, Drawings);
        var from = Options.OptionalPath(
            "--files", "Folder of the published files, instead of the package's.", "folder");
        var output = Options.OptionalPath(
            "--out", "Folder of the data set; made if it does not exist. Without it the data set's name.", "folder");
        var size = Options.Integer("--size", 96, "clipart: height and width of the pictures in pixels.", 16, 1024);
        var seed = Options.Seed(1, "clipart: decides which drawings are for training, validation and test.");
        var workers = Options.Workers();
        var takeOver = Options.TakeOver();
        var command = new DocumentedCommand(
            "fetch", "Get a public data set of real pictures.", Manual,
            "flixstock data fetch fashion-mnist --out fashion",
            "flixstock data fetch clipart --size 96 --out clipart")
        {
            name, from, output, size, seed, workers, takeOver,
        };
        command.SetAction(parsed =>
        {
            var wanted = parsed.GetRequiredValue(name);
            foreach (var option in new Option[] { size, seed, workers })
            {
                if (wanted == Fashion && parsed.GetResult(option) is { Implicit: false })
                    throw new InputException($"{option.Name}: {Fashion} has one form; leave it out");
            }
            var options = new ClipartOptions
            {
                Size = parsed.GetValue(size),
                Seed = parsed.GetValue(seed),
                Workers = parsed.GetValue(workers),
            };
            var folder = parsed.GetValue(output) ?? session.Chosen("--out", session.Places.Here(wanted));
            if (wanted == Drawings && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
                throw new InputException($"--out {folder}: there is something in it already; choose a new folder");
            return OutputFolder.Hold(folder, "--out", "fetching", parsed.GetValue(takeOver), _ =>
            {
                if (wanted == Fashion)
                    FetchFashion(session, parsed.GetValue(from), folder);
                else
                    FetchDrawings(session, parsed.GetValue(from), folder, options);
                return CommandLine.Done;
            });
        });
        return command;
    }

    private static void FetchFashion(Session session, string? from, string folder)
    {
        if (from is not null && !FashionMnist.IsIn(from))
        {
            throw new InputException($"--files {from}: the four files of Fashion-MNIST are not there "
                + $"(train-images-idx3-ubyte.gz, ...); give the folder that holds them");
        }
        From(
            session, from ?? (FashionMnist.IsIn(FashionMnist.InstalledFolder) ? FashionMnist.InstalledFolder : null),
            FashionMnist.Package, FashionMnist.InstalledFolder, files =>
            {
                FashionMnist.Unpack(files, folder, session.Cancellation);
                session.Terminal.Line($"written: {folder}, from {files}");
                session.Terminal.Remark($"next: flixstock train --data {folder} --image-size 32 --out run");
            });
    }

    private static void FetchDrawings(Session session, string? from, string folder, ClipartOptions options)
    {
        if (from is not null && !Clipart.IsIn(from))
        {
            throw new InputException($"--files {from}: no SVG drawing is there in any of the folders animals, food, "
                + $"people, ...; give the folder that holds them");
        }
        var paint = DrawingParts.Painter(options.Size);
        From(
            session, from ?? (Clipart.IsIn(Clipart.InstalledFolder) ? Clipart.InstalledFolder : null),
            Clipart.Package, Clipart.InstalledFolder, files => Paint(session, files, folder, options, paint));
    }

    private static void Paint(
        Session session, string files, string folder, ClipartOptions options, Func<byte[], byte[]> paint)
    {
        var speed = new ProgressSpeed();
        var progress = new ProgressReport<(int Done, int Total)>(at => session.Terminal.Progress(
            (double)at.Done / Math.Max(1, at.Total),
            () => speed.Text("", at.Done, at.Total, "images/s", $"{at.Done} of {at.Total} drawings")));
        var made = Clipart.Make(files, folder, options, paint, progress, session.Cancellation);
        session.Terminal.EndLine();
        foreach (var (part, count) in made.Parts)
            session.Terminal.Line($"{part}: {count} pictures");
        session.Terminal.Line($"of {made.Drawings} drawings {made.Repeated} are others once more, and {made.Skipped} "
            + $"are left out ({Clipart.SkippedFile})");
        session.Terminal.Line($"of the training pictures' {made.Classes} classes by folder {made.Forgotten} are "
            + $"forgotten in their tags ({Clipart.FoldersFile})");
        session.Terminal.Line($"written: {folder}, from {files}");
        session.Terminal.Remark($"next: flixstock train --data {folder} --image-size 64 "
            + "--partial-loss-mode selective --out run");
    }

    // From the folder, or from the package, downloaded for as long as it is read.
    private static void From(
        Session session, string? folder, string package, string installed, Action<string> make)
    {
        if (folder is not null)
        {
            make(folder);
            return;
        }
        using var downloaded = SystemPackage.Download(session, package);
        make(Path.Join(downloaded.Folder, installed));
    }
}
