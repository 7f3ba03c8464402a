using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock data mosaic</c>: pictures of one class each become pictures of several.</summary>
internal static class DataMosaicCommand
{
    private const string Manual = """
        Makes a data set for trying losses for missing labels: real pictures in a grid, each picture of the new data set
        with several classes, all of them known, so that labels can be hidden (data simulate, train
        --simulate-partial-type) and the truth is still there. The source has pictures of one class each, as
        Fashion-MNIST (data fetch) or folders of classes. A class is positive if any picture of the grid has it. Every
        picture is used once at most, and a part's mosaics are made of that part's pictures alone.
        """;

    public static DocumentedCommand Create(Session session)
    {
        var data = new DataOptions(session);
        var output = Options.OptionalPath(
            "--out", "Folder of the new data set; made if it does not exist. Without it DATA-mosaic.", "folder");
        var side = Options.Integer("--grid", 2, "This many pictures next to each other and under one another.", 2, 16);
        var size = Options.Integer("--cell-size", 28, "Height and width of each in pixels.", 8, 512);
        var empty = Options.Number("--empty", 0, "Share of the grid's cells that stay empty.", 0, 0.9);
        var count = Options.OptionalInteger(
            "--count", "Pictures of a part at most; without it as many as the source has pictures for.", 1);
        var seed = Options.Seed(1, "Decides which pictures lie together.");
        var workers = Options.Workers();
        var takeOver = Options.TakeOver();
        var command = new DocumentedCommand(
            "mosaic", "Put pictures of one class each together into pictures of several.", Manual,
            "flixstock data mosaic --data fashion --out garments-2x2",
            "flixstock data mosaic --data fashion --grid 3 --empty 0.3 --out garments-3x3");
        data.AddTo(command);
        foreach (var option in new Option[] { side, size, empty, count, seed, output, workers, takeOver })
            command.Add(option);
        command.SetAction(parsed =>
        {
            var source = LoadedData.Resolve(session, data.Read(parsed));
            var folder = parsed.GetValue(output)
                ?? session.Chosen("--out", session.Places.NextTo(source.Path, "-mosaic"));
            Run(session, source, folder, parsed.GetValue(takeOver), new MosaicOptions
            {
                Side = parsed.GetValue(side),
                CellSize = parsed.GetValue(size),
                Empty = parsed.GetValue(empty),
                Count = parsed.GetValue(count),
                Seed = parsed.GetValue(seed),
                Workers = parsed.GetValue(workers),
            });
            return CommandLine.Done;
        });
        return command;
    }

    private static void Run(
        Session session, DatasetSource source, string folder, bool takeOver, MosaicOptions options)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new InputException($"--out {folder}: there is something in it already; choose a new folder");
        var parts = DatasetLayout.Parts.Where(source.Has).Select(
            part => (part, LoadedData.Load(session, source, part))).ToList();
        var speed = new ProgressSpeed();
        var progress = new ProgressReport<(int Done, int Total)>(at => session.Terminal.Progress(
            (double)at.Done / Math.Max(1, at.Total),
            () => speed.Text("", at.Done, at.Total, "images/s", $"{at.Done} of {at.Total} pictures")));
        var written = OutputFolder.Hold(folder, "--out", "putting together", takeOver, _ =>
            MosaicWriter.Write(parts, folder, options, progress, session.Cancellation));
        session.Terminal.EndLine();
        foreach (var (part, count) in written)
            session.Terminal.Line($"{part}: {count} pictures");
        session.Terminal.Line($"written: {folder}");
        session.Terminal.Remark(
            $"next: flixstock train --data {folder} --simulate-partial-type rps --simulate-partial-param 0.5 --out run");
    }
}
