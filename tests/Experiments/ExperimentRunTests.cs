using System.Globalization;
using Flixstock.Engine;
using Flixstock.Tests.Training;

namespace Flixstock.Tests.Experiments;

/// <summary>A grid as a program trains it, without the command.</summary>
public sealed class ExperimentRunTests
{
    private const string Grid = """
        {
          "seeds": [1, 2], "simulations": ["rps 0.5"], "train": { "epochs": 1 },
          "methods": [
            { "name": "Negative", "train": { "partial-loss-mode": "negative" } },
            { "name": "Selective", "train": { "partial-loss-mode": "selective" }, "twoStage": { "epochs": 2 } }
          ]
        }
        """;

    [Test]
    public void StoppedAnywhereItContinuesToTheSameResults()
    {
        using var folder = new TemporaryFolder();
        var data = TinyTraining.Pictures(folder.Path);
        using var backend = Backend.Cpu(2);
        File.WriteAllText(folder["grid.json"], Grid);
        var grid = ExperimentFile.Read(folder["grid.json"]);
        var whole = new ExperimentRun(backend, grid, folder["whole"], Read, _ => (data, data)).Run();
        Assert.That(
            whole.Results.Select(result => (result.Method, result.Seed)),
            Is.EqualTo(new[] { ("Negative", 1ul), ("Selective", 1ul), ("Negative", 2ul), ("Selective", 2ul) }));
        Assert.That(File.ReadAllText(whole.TablesFile), Does.StartWith("#").Or.Contain("| Selective |"));
        Assert.That(whole.Tables.SelectMany(table => table.Rows), Is.Not.Empty);

        var trained = new List<(int Number, TrainingStage Stage)>();
        using var stop = new CancellationTokenSource();
        ExperimentRun Run(int most) => new(backend, grid, folder["stopped"], Read, _ => (data, data))
        {
            Train = (trainer, training) =>
            {
                trained.Add((training.Number, trainer.Stage));
                if (trained.Count > most)
                    stop.Cancel();
                return trainer.Train(cancellation: trained.Count > most ? stop.Token : default);
            },
        };
        Assert.That(() => Run(most: 3).Run(), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            trained,
            Is.EqualTo(new[]
            {
                (1, TrainingStage.Whole), (2, TrainingStage.Ignore), (2, TrainingStage.Whole),
                (3, TrainingStage.Whole),
            }));
        Assert.That(Run(0).Plan().Select(training => training.IsDone), Is.EqualTo(new[] { true, true, false, false }));

        trained.Clear();
        var continued = Run(int.MaxValue).Run();
        Assert.That(
            trained,
            Is.EqualTo(new[]
            {
                (3, TrainingStage.Whole), (4, TrainingStage.Ignore), (4, TrainingStage.Whole),
            }));
        Assert.That(Measures(continued), Is.EqualTo(Measures(whole)));
    }

    [Test]
    public void ATrainingThatWasMadeWithOtherOptionsIsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        var data = TinyTraining.Pictures(folder.Path);
        using var backend = Backend.Cpu(1);
        var grid = new ExperimentFile { Methods = [new ExperimentMethod { Name = "Plain" }] };
        TrainerOptions Options(double rate) => TinyTraining.Options with { Epochs = 1, LearningRate = rate };
        ExperimentReport Run(double rate) => new ExperimentRun(
            backend, grid, folder["grid"], (_, _) => new ExperimentOptions(Options(rate)), _ => (data, data)).Run();
        Run(1e-3);
        Assert.That(() => Run(2e-3), Throws.TypeOf<InputException>().With.Message.Contains("result.json"));
    }

    // Four trainings, and a first stage for each fold, which two methods share.
    [Test]
    public void EveryFoldIsTrainedAndTheTableIsTheirMean()
    {
        using var folder = new TemporaryFolder();
        var data = TinyTraining.Pictures(folder.Path);
        using var backend = Backend.Cpu(1);
        var grid = new ExperimentFile
        {
            Folds = 2,
            Methods =
            [
                new ExperimentMethod { Name = "Plain" },
                new ExperimentMethod { Name = "Stages", TwoStage = [] },
            ],
        };
        var loaded = new List<DataFold?>();
        ExperimentOptions Options(ExperimentCell cell, IReadOnlyDictionary<string, string> options)
        {
            var loss = SelectiveLossOptions.Default;
            if (options.ContainsKey("partial-loss-mode") || cell.Method == "Plain")
                loss = loss with { Mode = PartialLossMode.Ignore };
            return new ExperimentOptions(TinyTraining.Options with { Epochs = 1, BatchSize = 5, Loss = loss });
        }
        var report = new ExperimentRun(backend, grid, folder["grid"], Options, fold =>
        {
            loaded.Add(fold);
            return (FoldedParts.Of(data, null, fold!, "train"), FoldedParts.Of(data, null, fold!, "val"));
        }).Run();
        Assert.That(loaded, Is.EqualTo(new[] { new DataFold(1, 2), new DataFold(2, 2) }));
        Assert.That(report.Results.Select(result => result.Fold), Is.EqualTo(new[] { "1/2", "1/2", "2/2", "2/2" }));
        Assert.That(report.Tables[0].Title, Does.Contain("1 seed x 2 folds"));
        Assert.That(report.Tables[0].Rows.Select(row => row[^1]), Is.All.EqualTo("2"));
        Assert.That(
            File.ReadAllLines(report.Written.First(file => file.EndsWith(".csv", StringComparison.Ordinal)))
                .Skip(1).Select(line => line.Split(',')[^1]),
            Is.EqualTo(new[] { "1/2", "1/2", "2/2", "2/2" }));
        var run = folder["grid/none/stages/seed-1/fold-1"];
        Assert.That(TrainingRun.At(run).ReadFold(), Is.EqualTo(new DataFold(1, 2)));
        Assert.That(Directory.Exists(Path.Combine(run, "ignore")), Is.False);
    }

    private static ExperimentOptions Read(ExperimentCell cell, IReadOnlyDictionary<string, string> options) =>
        new(TinyTraining.Options with
        {
            Seed = cell.Seed,
            Epochs = int.Parse(options["epochs"], CultureInfo.InvariantCulture),
            Simulation = new PartialSimulation(SimulationKind.Rps, 0.5, cell.Seed),
            Loss = SelectiveLossOptions.Default with
            {
                Mode = Enum.Parse<PartialLossMode>(options["partial-loss-mode"], ignoreCase: true),
            },
        });

    // Everything but the time that it took.
    private static string[] Measures(ExperimentReport report) => [.. report.Results.Select(result => string.Join(
        ' ', result.MeanAp, result.ValidationLoss, result.MacroF1, result.PriorRankCorrelation,
        string.Join(',', result.ClassAp), string.Join(',', result.TopClasses), result.Ignored))];
}
