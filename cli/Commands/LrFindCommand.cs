using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock lr-find</c>: which learning rate a training can take.</summary>
internal static class LrFindCommand
{
    private const int Rows = 12;

    private const string Manual = """
        A range test: trains a network for some steps whose learning rate grows from --from until the loss explodes or
        --to is reached, and suggests a tenth of the rate at which the loss was lowest, as the top of the one-cycle
        schedule (train --lr). Give it the data set, the model, the batch size and the loss of the training that the
        rate is for; the network is thrown away.

        The loss is that of a label, the mean over about the last ten steps. Where it is lowest among the first steps,
        nothing was learned and nothing is suggested; where it still falls at the end, give a larger --to or more
        --steps.
        """;

    public static Command Create(Session session)
    {
        var data = new DataOptions(session);
        var model = new TrainingOptions();
        var device = new DeviceOptions(training: true);
        var from = Options.Number("--from", 1e-7, "Learning rate of the first step.", 0, above: true);
        var to = Options.Number("--to", 1, "Learning rate of the last step.", 0, above: true);
        var steps = Options.Integer("--steps", 100, "Steps to take.", 2, 100_000);
        var chart = Options.OptionalPath("--chart", "Write the curve as PNG.");
        var csv = Options.OptionalPath("--csv", "Write every step: learning_rate, loss_per_label, smoothed.");
        var command = new DocumentedCommand(
            "lr-find", "Find a learning rate.", Manual,
            "flixstock lr-find --data garments --chart lr.png",
            "flixstock lr-find --data garments --model-name tresnet_l --batch-size 32 --weights tresnet_l.pth")
        {
            from, to, steps, chart, csv,
        };
        data.AddTo(command);
        data.AddFold(command);
        model.AddTo(command, schedule: false);
        device.AddTo(command);
        command.SetAction(parsed =>
        {
            if (model.IsAutomatic(parsed))
                throw new InputException("--batch-size auto: a rate is found for a number of pictures; give it");
            var options = model.Read(parsed);
            model.RefuseOfOtherLosses(parsed, options);
            RequirePlace(parsed.GetValue(chart), chart.Name);
            RequirePlace(parsed.GetValue(csv), csv.Name);
            var schedule = new ExponentialSchedule(
                parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(steps));
            var source = LoadedData.Resolve(session, data.Read(parsed));
            var range = Find(session, session.Open(device.Read(parsed)), source, options, schedule);
            Show(session.Terminal, range);
            if (parsed.GetValue(csv) is { } table)
                Files.WriteAtomically(table, range.ToCsv());
            if (parsed.GetValue(chart) is { } picture && range.Points.Count > 0)
                RangeChart.Save(picture, range);
            return CommandLine.Done;
        });
        return command;
    }

    // Before the work whose result would be lost.
    private static void RequirePlace(string? file, string option)
    {
        if (file is null)
            return;
        Files.RequireNoFolder(file, option);
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder))
            throw new InputException($"{option} {file}: there is no folder {folder}; make it, or give another place");
    }

    private static LearningRateRange Find(
        Session session, Backend backend, DatasetSource source, TrainerOptions options, ExponentialSchedule schedule)
    {
        var training = LoadedData.Load(session, source, "train");
        var speed = new ProgressSpeed();
        var range = LearningRateFinder.Find(
            backend, training, options, schedule,
            new ProgressReport<int>(step => session.Terminal.Progress(
                (double)step / schedule.TotalSteps,
                () => speed.Text(
                    "", step, schedule.TotalSteps, "steps/s",
                    $"step {step}/{schedule.TotalSteps}  lr {schedule.At(step - 1).LearningRate:0.0e+0}"))),
            session.Cancellation);
        session.Terminal.EndLine();
        return range;
    }

    private static void Show(Terminal terminal, LearningRateRange range)
    {
        var every = Math.Max(1, range.Points.Count / Rows);
        terminal.Table(
            "Loss per label by learning rate", ["learning rate", "loss", "smoothed"],
            range.Points.Where((_, i) => i % every == 0 || i == range.Points.Count - 1).Select(
                point => new[] { $"{point.LearningRate:0.0e+0}", $"{point.Loss:0.0000}", $"{point.Smoothed:0.0000}" }),
            rightFrom: 0);
        if (range.Diverged)
            terminal.Remark($"the loss exploded after {range.Points.Count} steps");
        if (range.StillFalls)
            terminal.Remark("note: the loss still falls at the largest rate; give a larger --to, or more --steps");
        terminal.Line(range.Suggested is { } rate
            ? $"suggested: --lr {rate:0.0e+0} (the loss is lowest at {range.Lowest!.Value.LearningRate:0.0e+0})"
            : "no suggestion: the loss never fell below that of the first steps; give more --steps");
    }
}
