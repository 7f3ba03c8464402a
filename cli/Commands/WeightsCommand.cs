using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock weights</c>: inspects, converts and compares files of weights.</summary>
internal static class WeightsCommand
{
    private const string Manual = """
        Looks at, converts and compares files of weights: safetensors, PyTorch's .pth, .pt, .ckpt and .bin, and the list
        (.index.json) of a model in several files. PyTorch files are read as data; nothing in them is executed, and a file
        that wants to be executed is refused. Of several sets of weights in a file the averaged one is taken; FILE:NAME
        takes the one that 'weights show' calls NAME, in every command.
        """;

    private const string ShowManual = """
        Prints name, type, shape and size of every tensor, the totals, and what else the file says: metadata, number and
        names of classes, and which sets of weights it has. Names are shown as the file has them.
        """;

    private const string ConvertManual = """
        Writes the same weights as another kind of file; the ending of OUT says which: .safetensors, or .pth (.pt, .ckpt),
        which PyTorch loads with weights_only=True. Metadata, the number of classes and their names come along.
        Names become the published ones (what wrappers put before them is taken off, timm's are mapped); --names timm
        gives timm's, with plain batch norms; --names stored leaves names and values as they are.
        """;

    private const string DiffManual = """
        Prints which tensors are in one file only, which differ in shape or type, and by how much values differ. Names are
        compared after wrappers' prefixes were taken off and timm's were mapped.
        """;

    public static Command Create(Session session) => new DocumentedCommand(
        "weights", "Show, convert and compare files of weights.", Manual, "flixstock weights show run/best.safetensors",
        "flixstock weights convert tresnet_m.pth tresnet_m.safetensors")
    {
        Show(session), Convert(session), Diff(session),
    };

    private static DocumentedCommand Show(Session session)
    {
        var file = PathArgument("file", "The file.");
        var command = new DocumentedCommand(
            "show", "Names, types, shapes and sizes.", ShowManual, "flixstock weights show tresnet_m.pth")
        {
            file,
        };
        command.SetAction(parsed =>
        {
            using var weights = WeightsFile.Read(parsed.GetRequiredValue(file), asStored: true, session.Cancellation);
            return WeightsPages.Show(session.Terminal, weights);
        });
        return command;
    }

    private static DocumentedCommand Convert(Session session)
    {
        var (input, output) =
            (PathArgument("in", "The file to read."), PathArgument("out", "The file to make or replace."));
        var names = Options.Choice("--names", "published", "Names of the tensors", "published", "timm", "stored");
        var command = new DocumentedCommand(
            "convert", "Write the same weights as another kind of file.", ConvertManual,
            "flixstock weights convert tresnet_m.pth tresnet_m.safetensors",
            "flixstock weights convert run/best.safetensors best.pth")
        {
            input, output, names,
        };
        command.SetAction(parsed =>
        {
            var (from, to) = (parsed.GetRequiredValue(input), parsed.GetRequiredValue(output));
            WeightsFile.RequireKnownEnding(to);
            WeightsFile.RequireOther(from, to, "OUT");
            Files.RequireNoFolder(to, "OUT");
            using var file = WeightsFile.Read(from, asStored: parsed.GetValue(names) == "stored", session.Cancellation);
            file.RequireDecided();
            var weights = parsed.GetValue(names) == "timm" ? file.WithTimmNames() : file;
            weights.Write(to, session.Cancellation);
            foreach (var note in file.Notes.Concat(file.Remarks))
                session.Terminal.Remark($"note: {note}");
            session.Terminal.Line(
                $"{weights.State.Count} tensors, {WeightsPages.Size(new FileInfo(to).Length)}, written: {to}");
            return CommandLine.Done;
        });
        return command;
    }

    private static DocumentedCommand Diff(Session session)
    {
        var (first, second) = (PathArgument("a", "One file."), PathArgument("b", "The other."));
        var command = new DocumentedCommand(
            "diff", "What differs between two files.", DiffManual,
            "flixstock weights diff run/best.safetensors run/last.safetensors")
        {
            first, second,
        };
        command.SetAction(parsed =>
        {
            using var a = WeightsFile.Read(parsed.GetRequiredValue(first), cancellation: session.Cancellation);
            using var b = WeightsFile.Read(parsed.GetRequiredValue(second), cancellation: session.Cancellation);
            foreach (var (path, remark) in new[] { a, b }.SelectMany(
                file => file.Remarks.Select(remark => (file.Path, remark))))
            {
                session.Note($"{path}: {remark}");
            }
            return WeightsPages.Diff(session.Terminal, a, b, session.Cancellation);
        });
        return command;
    }

    private static Argument<string> PathArgument(string name, string description) =>
        new(name) { Description = description };
}
