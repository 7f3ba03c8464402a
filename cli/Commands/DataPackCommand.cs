using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock data pack</c>: packs a data set into tar files, of pictures or of their pixels.</summary>
internal static class DataPackCommand
{
    private const string Manual = """
        Writes train-000000.tar, val-000000.tar, ... and dataset.json: pictures byte for byte, each with its labels as JSON
        next to it. For data sets of so many pictures that opening them one by one takes most of the time: train reads
        shards nearly in sequence, in random order of shards, mixed within a window of 4096 pictures. Other readers of
        WebDataset's layout can read them too.
        --raw packs pixels instead: each picture decoded and resized to --image-size, 3 bytes a pixel, as training would
        do it every time. For machines whose processors cannot decode as fast as their GPU trains: reading is then a copy
        out of a mapped file. A pack of 224 takes 147 KiB a picture and is good for that size, filter and orientation
        only; every other is refused. Training sees the same pictures in the same order as with single files.
        """;

    public static DocumentedCommand Create(Session session)
    {
        var data = new DataOptions(session);
        var output = Options.OptionalPath(
            "--out", "Folder of the shards; made if it does not exist. Without it DATA-shards.", "folder");
        var size = Options.Integer("--shard-size", 1000, "Pictures of a shard.", 1, 1_000_000);
        var raw = new RawOptions();
        var takeOver = Options.TakeOver();
        var command = new DocumentedCommand(
            "pack", "Pack a data set into tar shards.", Manual,
            "flixstock data pack --data coco --out coco-shards --shard-size 2000",
            "flixstock data pack --data coco --out coco-224 --raw --image-size 224");
        data.AddTo(command);
        raw.AddTo(command);
        foreach (var option in new Option[] { output, size, takeOver })
            command.Add(option);
        command.SetAction(parsed =>
        {
            var options = raw.Read(parsed, data.Pictures) with { ShardSize = parsed.GetValue(size) };
            var source = LoadedData.Resolve(session, data.Read(parsed));
            var folder = parsed.GetValue(output)
                ?? session.Chosen("--out", session.Places.NextTo(source.Path, "-shards"));
            Pack(session, source, folder, options, parsed.GetValue(takeOver));
            return CommandLine.Done;
        });
        return command;
    }

    private static void Pack(
        Session session, DatasetSource source, string folder, ShardPackerOptions options, bool takeOver)
    {
        var speed = new ProgressSpeed();
        var progress = new ProgressReport<(int Done, int Total)>(at => session.Terminal.Progress(
            (double)at.Done / Math.Max(1, at.Total),
            () => speed.Text("", at.Done, at.Total, "images/s", $"packing {at.Done} of {at.Total} pictures")));
        var parts = OutputFolder.Hold(
            folder, "--out", "packing", takeOver,
            _ => ShardPacker.Pack(source, folder, options, progress, session.Cancellation));
        session.Terminal.EndLine();
        foreach (var (part, shards, pictures) in parts)
            session.Terminal.Line($"{part}: {pictures} pictures in {shards} shards");
        session.Terminal.Remark($"next: flixstock train --data {folder} --out run{RawOptions.OfTraining(options.Raw)}");
    }
}
