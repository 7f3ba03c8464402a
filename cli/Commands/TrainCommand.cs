using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock train</c>: learns from a data set.</summary>
internal static class TrainCommand
{
    private const string Manual = """
        Trains a TResNet on pictures whose labels are partly unknown and keeps everything in the folder --out:
        run.json, metrics.csv, best, last and weight-average checkpoints, prior.csv. After every epoch plain and
        averaged weights are validated; best.safetensors is the better of the two, by mAP or, if the labels allow
        none, by validation loss.

        Ctrl-C, SIGTERM and a closed terminal cut the step short, save the state before it and end with 130, 143 and
        129; so does any failure, with its own code. --resume continues to the same numbers as if nothing had
        happened. The state is also saved before and after every validation and every --save-every. A run whose loss
        is not finite continues with --resume and a lower --lr, from the state before, or with --on-nan skip.

        The partial loss modes say how an un-annotated label is treated: negative and none (negative), ignore and
        ignore_normalize_classes (left out), selective (negative, but the likeliest ones, and classes whose prior
        is above --prior-threshold, are left out).

        --two-stage trains in mode ignore first, into OUT/ignore,
        estimates the prior from it, shows it next to the annotations (ignore/prior.png) and then trains in mode
        selective, as the paper does; --resume continues in whichever stage it was stopped.

        --simulate-partial-type simulates missing labels:
        it hides training labels in memory, to see what a loss makes of the rest; class frequencies before and after are in
        simulation.csv and simulation.png.

        Pictures are checked before the first step, for a minute at most; one that cannot be read is an error, unless
        --skip-bad leaves it out, then also after --resume.

        --config run.json repeats a run: its options, seed and data set, for which options of the command line may be
        given instead. The device and --precision are not part of it.

        --mlflow logs options, figures by step and epoch and the end to an MLflow tracking server; nothing is sent
        without it. The environment variables MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME, MLFLOW_TRACKING_USERNAME,
        MLFLOW_TRACKING_PASSWORD and MLFLOW_TRACKING_TOKEN say what its options do not. Given again with --resume, it
        continues the same MLflow run and sends what has not arrived.

        The reference projects' command lines are accepted too: docs/reference-commands.md.
        """;

    public static Command Create(Session session)
    {
        var data = new DataOptions(session);
        var output = Options.OptionalPath(
            "--out",
            "Folder of the run; made if it does not exist. Without it the next of runs/train-001, runs/train-002, ...",
            "folder");
        var parent = Options.OptionalPath(
            "--path-dest", "Folder of runs, as the reference project has it: the run gets a numbered folder in it.",
            "folder");
        parent.Hidden = true;
        var classes = Options.NumberOfClasses();
        var resume = Options.Flag("--resume", "Continue the run in --out; its options are those it was begun with.");
        var twoStage = Options.Flag(
            "--two-stage", "Train in mode ignore, estimate the prior, train in mode selective.");
        var overwrite = Options.Flag("--overwrite", "Replace the run that is already in --out.");
        var takeOver = Options.TakeOver();
        var watch = Options.Flag(
            "--watch", "Serve a page that shows how the training goes, for this machine's browsers.");
        var tracking = new TrackingOptions();
        var care = new PictureCareOptions();
        var device = new DeviceOptions(training: true);
        var model = new TrainingOptions();
        var command = new DocumentedCommand(
            "train", "Train a model.", Manual,
            "flixstock train --data garments --out run",
            "flixstock train --data garments --out run --two-stage --epochs 30 --batch-size 32",
            "flixstock train --out run --resume",
            "flixstock train --data scenes --out run --two-stage --simulate-partial-type fpc "
                + "--simulate-partial-param 200")
        {
            output, parent, resume, twoStage, overwrite, takeOver, watch, classes,
        };
        data.AddTo(command);
        data.AddFold(command);
        tracking.AddTo(command);
        care.AddTo(command);
        model.AddTo(command);
        device.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(watch))
                WebParts.Require();
            var mlflow = tracking.Read(parsed);
            var continues = parsed.GetValue(resume);
            if (continues)
            {
                parsed.RefuseBoth(resume, overwrite, "the one continues what is there, the other replaces it");
                parsed.RefuseBoth(resume, model.Configuration, "a run continues with its own options");
            }
            if (mlflow is not null)
                Connect(mlflow);
            var folder = Folder(session, parsed.GetValue(output), parsed.GetValue(parent), continues);
            var job = new TrainingJob(
                session, session.Open(device.Read(parsed)),
                continues ? data.Read(parsed, folder) : Source(data, parsed, parsed.GetValue(model.Configuration)))
            {
                AutomaticBatchSize = model.IsAutomatic(parsed),
                ExpectedClasses = parsed.GetValue(classes),
                TakeOver = parsed.GetValue(takeOver),
                Watches = parsed.GetValue(watch),
                Mlflow = mlflow,
                Care = care.Read(parsed),
                ClassesByPosition = model.ClassesByPosition(parsed),
                Continuation = Continuation.Of(
                    parsed, ["train", "--out", folder, "--resume"],
                    [.. device.All, .. model.NotRemembered, watch, .. tracking.All]),
            };
            if (continues)
            {
                if (parsed.GetValue(twoStage) || TwoStagePlan.Exists(folder))
                    return job.ResumeTwoStages(folder, saved => model.Resumed(parsed, saved));
                return job.Resume(folder, saved => model.Resumed(parsed, saved));
            }
            var options = model.Read(parsed);
            model.RefuseContradictions(session, parsed, options, twoStage);
            if (options.InitialWeights is null && session.Places.PublishedWeights() is { } published)
            {
                session.Note(
                    $"the weights to start from are random; {published} is here: --weights {published} starts from it");
            }
            if (parsed.GetValue(twoStage))
                return job.TwoStages(folder, options, parsed.GetValue(overwrite));
            if (options.Objective.TakesPrior && options.Loss.Mode == PartialLossMode.Selective
                && options.PriorPath is null)
            {
                session.Terminal.BeforeNext(() => ExplainMissingPrior(session.Terminal));
            }

            return job.Train(folder, options, parsed.GetValue(overwrite));
        });
        return command;
    }

    // Before pictures are looked at: what is wrong with the server is said at once.
    private static void Connect(MlflowServer server)
    {
        using var tracker = new MlflowTracker(server);
        tracker.Connect();
    }

    // The data set of a configuration that is a run's, unless another is given.
    private static DatasetSource Source(DataOptions data, ParseResult parsed, string? configuration) =>
        configuration is not null && Path.GetFileName(configuration) == TrainingRun.DescriptionName
            ? data.Read(
                parsed, Path.GetDirectoryName(Path.GetFullPath(configuration))!, $"--config {configuration}")
            : data.Read(parsed);

    private static string Folder(Session session, string? output, string? parent, bool resume)
    {
        if (output is not null && parent is not null)
        {
            throw new InputException(
                $"--out {output} and --path-dest {parent}: both say where the run goes; leave one out");
        }
        return output
            ?? session.Chosen("--out", resume ? session.Places.RunToResume(parent) : session.Places.NextRun(parent));
    }

    private static void ExplainMissingPrior(Terminal terminal)
    {
        terminal.Remark("note: mode selective without --prior-path: only the likeliest un-annotated labels of each "
            + "batch (--likelihood-topk) are left out; a class that is common but seldom annotated still counts as "
            + "absent. --two-stage estimates the prior first and uses it.");
    }
}
