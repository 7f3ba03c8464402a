using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock data fetch</c>: makes a data set of what a package of the system holds.</summary>
internal static class DataFetchCommand
{
    private const string Manual = """
        Makes a data set of real pictures of what the system's package manager has, where it has it (Debian, Ubuntu and
        their relatives). fashion-mnist: 70,000 photos of garments by Zalando, 28 x 28 in grey, ten classes, MIT licence,
        31 MB: the parts train (55,000), val (every twelfth of training's 60,000) and test (10,000).
        Files that are installed are taken from there; otherwise the package is downloaded by apt-get, for which nobody
        needs to be root, and unpacked without being installed. --files names a folder with the four published files, for
        other systems: https://github.com/zalandoresearch/fashion-mnist has them.
        """;

    public static DocumentedCommand Create(Session session)
    {
        var name = new Argument<string>("name") { Description = "The data set: fashion-mnist." };
        name.AcceptOnlyFromAmong("fashion-mnist");
        var from = Options.OptionalPath(
            "--files", "Folder of the published files, instead of the package's.", "folder");
        var output = Options.OptionalPath(
            "--out", "Folder of the data set; made if it does not exist. Without it the data set's name.", "folder");
        var takeOver = Options.TakeOver();
        var command = new DocumentedCommand(
            "fetch", "Get a public data set of real pictures.", Manual,
            "flixstock data fetch fashion-mnist --out fashion")
        {
            name, from, output, takeOver,
        };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(output)
                ?? session.Chosen("--out", session.Places.Here(parsed.GetRequiredValue(name)));
            return OutputFolder.Hold(folder, "--out", "fetching", parsed.GetValue(takeOver), _ =>
            {
                Fetch(session, parsed.GetValue(from), folder);
                return CommandLine.Done;
            });
        });
        return command;
    }

    private static void Fetch(Session session, string? from, string folder)
    {
        if (from is not null && !FashionMnist.IsIn(from))
        {
            throw new InputException($"--files {from}: the four files of Fashion-MNIST are not there "
                + $"(train-images-idx3-ubyte.gz, ...); give the folder that holds them");
        }
        if (from is null && !FashionMnist.IsIn(FashionMnist.InstalledFolder))
        {
            using var package = SystemPackage.Download(session, FashionMnist.Package);
            Unpack(session, Path.Join(package.Folder, FashionMnist.InstalledFolder), folder);
            return;
        }
        Unpack(session, from ?? FashionMnist.InstalledFolder, folder);
    }

    private static void Unpack(Session session, string from, string folder)
    {
        FashionMnist.Unpack(from, folder, session.Cancellation);
        session.Terminal.Line($"written: {folder}, from {from}");
        session.Terminal.Remark($"next: flixstock train --data {folder} --image-size 32 --out run");
    }
}
