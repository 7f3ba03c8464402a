using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock data simulate</c>: a copy of a data set's label files with simulated missing labels.</summary>
internal static class DataSimulateCommand
{
    private const string Manual = """
        Writes a data set anew with training labels hidden, as train --simulate-partial-type does in memory: rps makes
        every known label, positive or negative, unknown with the probability --param; fpc leaves exactly --param
        positives and --param negatives of every class known (or all, if there are fewer). Of exclusive attributes a
        cell is one annotation. Validation and test labels stay complete, and nothing is invented. Pictures are not copied: links
        lead to them, unless --copy. simulation.csv and simulation.png show the class frequencies before and after.
        """;

    public static Command Create(Session session)
    {
        var data = new DataOptions(session);
        var output = Options.OptionalPath(
            "--out",
            "Folder of the new data set; made if it does not exist. Without it DATA-TYPE-PARAM, as scenes-rps-0.5.",
            "folder");
        var simulation = new SimulationOptions("--");
        var copy = Options.Flag("--copy", "Copy the pictures instead of linking to them.");
        var overwrite = Options.Flag("--overwrite", "Replace the data set that is already in --out.");
        var takeOver = Options.TakeOver();
        var command = new DocumentedCommand(
            "simulate", "Simulate missing training labels.", Manual,
            "flixstock data simulate --data scenes --type fpc --param 100 --out scenes-fpc",
            "flixstock data simulate --data scenes --type rps --param 0.5 --seed 7 --out scenes-rps")
        {
            output, copy, overwrite, takeOver,
        };
        data.AddTo(command, decodes: false);
        foreach (var option in simulation.All)
            command.Add(option);
        command.SetAction(parsed =>
        {
            var wanted = simulation.Read(parsed, null)
                ?? throw new InputException("--type: say how to hide labels, rps or fpc");
            var source = data.Read(parsed);
            var folder = parsed.GetValue(output) ?? session.Chosen(
                "--out",
                session.Places.NextTo(source.Path, $"-{wanted.Kind.ToString().ToLowerInvariant()}-{wanted.Parameter}"));
            Run(
                session, source, folder, wanted, parsed.GetValue(copy), parsed.GetValue(overwrite),
                parsed.GetValue(takeOver));
        });
        return command;
    }

    private static void Run(
        Session session, DatasetSource source, string output, PartialSimulation simulation, bool copy,
        bool overwrite, bool takeOver)
    {
        if (Files.AreSame(source.Path, output))
        {
            throw new InputException(
                $"--out {output}: that is the data set itself; its labels would be lost: choose another folder");
        }
        source = LoadedData.Resolve(session, source);
        var simulated = simulation.Apply(LoadedData.Load(session, source, "train"), session.Cancellation);
        var others = new[] { "val", "test" }.Where(source.Has)
            .ToDictionary(part => part, part => LoadedData.Load(session, source, part));
        OutputFolder.Hold(output, "--out", "simulation", takeOver, _ =>
        {
            SimulatedDatasetWriter.Write(output, simulated, others, copy, overwrite, session.Cancellation);
            return 0;
        });
        SimulationPages.Show(session.Terminal, simulated);
        session.Terminal.Line($"written: {output}");
        session.Terminal.Remark($"next: flixstock train --data {output} --out run --two-stage");
    }
}
