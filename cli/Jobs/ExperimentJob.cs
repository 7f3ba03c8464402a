using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Trains what is missing of a grid and prints its tables.</summary>
internal sealed class ExperimentJob(Session session, Backend backend, string data, string folder, int workers)
{
    private readonly TrainingOptions _options = new();

    /// <summary>What to do about pictures that cannot be read.</summary>
    public PictureCare Care { get; init; } = new();

    /// <summary>Value of <c>--take-over</c>.</summary>
    public bool TakeOver { get; init; }

    public int Run(ExperimentFile file)
    {
        var job = new TrainingJob(session, backend, data) { Care = Care, TakeOver = TakeOver };
        var count = 0;
        var run = new ExperimentRun(backend, file, folder, Parse, Load)
        {
            TakeOver = TakeOver,
            Begun = trainings =>
            {
                count = trainings.Count;
                var done = trainings.Count(training => training.IsDone);
                session.Terminal.Remark($"{count} trainings, {done} of them done: {folder}");
            },
            Train = (trainer, training) =>
                job.Train(trainer, Name(training, count, trainer.Stage), showsSimulation: false),
            Score = (best, pictures, loading) => Scoring.Run(session, backend, best, pictures, loading),
        };
        Print(run.Run(cancellation: session.Cancellation));
        return CommandLine.Done;
    }

    private static string Name(ExperimentTraining training, int count, TrainingStage stage)
    {
        var cell = training.Cell;
        var name = $"{training.Number} of {count}, {cell.Simulation}, {cell.Method}, seed {cell.Seed}"
            + (cell.Fold is { } fold ? $", fold {fold}" : "");
        return stage == TrainingStage.Ignore ? $"{name}: stage ignore" : name;
    }

    // The options have the names that they have in flixstock train.
    private ExperimentOptions Parse(ExperimentCell cell, IReadOnlyDictionary<string, string> options)
    {
        var command = new Command("train");
        _options.AddTo(command);
        ReferenceOptions.AddTo(command);
        var (parsed, arguments) = ArgumentSpelling.Parse(command, ExperimentCell.Arguments(options));
        if (UsageErrors.Find(parsed, arguments) is { } wrong)
            throw new InputException($"{cell.Simulation}, {cell.Method}: {wrong}");
        return new ExperimentOptions(_options.Read(parsed) with { Workers = workers }, _options.IsAutomatic(parsed));
    }

    private (ImageDataset Training, ImageDataset Validation) Load(DataFold? fold)
    {
        var source = new DatasetSource(data) { Fold = fold, Cancellation = session.Cancellation };
        var training = source.Load("train");
        return Care.Apply(session, data, training, training.Align(source.Load("val")));
    }

    private void Print(ExperimentReport report)
    {
        foreach (var table in report.Tables)
            session.Terminal.Table(Page(table));
        if (report.Note is { } note)
            session.Terminal.Remark($"note: {note}");
        session.Terminal.Line($"written: {string.Join(", ", report.Written)}");
    }

    // Words are in the columns of class names, numbers in all others; the first two are always shown.
    private TablePage Page(ExperimentTable table) => new(
        table.Title,
        [
            .. table.Header.Select((heading, i) => i == 0
                ? TableColumn.Name(heading)
                : table.Rows.Any(row => row[i].Contains(", ", StringComparison.Ordinal))
                    ? TableColumn.Text(heading, i)
                    : TableColumn.Number(heading, i - 1)),
        ],
        [.. table.Rows.Select(row => new TableRow(row))])
    {
        Elsewhere = $"all is in {Path.Combine(folder, "tables.md")}",
    };
}
