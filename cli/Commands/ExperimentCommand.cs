using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock experiment</c>: a grid of trainings and its tables.</summary>
internal static class ExperimentCommand
{
    private const string Manual = """
        Trains a grid - methods x simulations of partial annotation x seeds x any options that vary - and writes one table
        for every simulation, with mean and deviation over seeds: tables.md, results.csv, a chart (tables.png and .svg), and
        printed. Every training is a folder below --out, as of flixstock train. What is done is skipped, what was stopped
        continues to the same numbers: stop with Ctrl-C and give the same command again. A seed decides weights, order and
        hidden labels. The file is JSON (comments allowed); options have the names they have in flixstock train:

          {
            "data": "scenes", "out": "experiment",
            "seeds": [1, 2, 3],
            "simulations": ["rps 0.5", "fpc 200"],
            "train": { "layers": [1, 1, 1, 1], "width": 0.25, "image-size": 48,
                       "epochs": 10, "lr": 1e-2 },
            "vary": { "batch-size": [16, 32] },
            "methods": [
              { "name": "Negative, CE",
                "train": { "partial-loss-mode": "negative", "gamma-neg": 0,
                           "gamma-unann": 0 } },
              { "name": "Selective", "train": { "partial-loss-mode": "selective" },
                "fpc": { "gamma-neg": 3 }, "twoStage": { "gamma-neg": 0 } }
            ]
          }

        "rps" and "fpc" hold options for that simulation only. "twoStage" trains in mode ignore first, with the options in
        it over the others, and uses its prior; methods with the same seed, simulation and options share that stage.
        "folds": 5 trains everything five times, once without each fold (--fold of flixstock train), and tables are over
        seeds and folds.
        """;

    public static Command Create(Session session)
    {
        var file = new Argument<string>("file") { Description = "The grid as JSON." };
        var data = Options.OptionalPath("--data", "The data set; without it the file's \"data\".", "folder");
        var output = Options.OptionalPath(
            "--out", "Folder of runs and tables; without it the file's \"out\".", "folder");
        var workers = Options.Workers();
        var takeOver = Options.TakeOver();
        var care = new PictureCareOptions();
        var device = new DeviceOptions(training: true);
        var command = new DocumentedCommand(
            "experiment", "Train a grid and compare.", Manual, "flixstock experiment grid.json",
            "flixstock experiment grid.json --data scenes --out experiment")
        {
            file, data, output, workers, takeOver,
        };
        care.AddTo(command);
        device.AddTo(command);
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            var grid = ExperimentFile.Read(path);
            string Given(string? option, string? inFile, string name) =>
                option ?? inFile ?? throw new InputException($"{path}: it has no \"{name}\"; add it, or give --{name}");
            session.Continuation = () => Continuation.Same(parsed);
            var folder = Given(parsed.GetValue(output), grid.Out, "out");
            return new ExperimentJob(
                session, session.Open(device.Read(parsed)), Given(parsed.GetValue(data), grid.Data, "data"), folder,
                parsed.GetValue(workers))
            {
                Care = care.Read(parsed),
                TakeOver = parsed.GetValue(takeOver),
            }.Run(grid);
        });
        return command;
    }
}
