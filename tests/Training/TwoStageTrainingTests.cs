using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>Two stages as a program trains them, without the command.</summary>
public sealed class TwoStageTrainingTests
{
    private static readonly TrainerOptions Options = TinyTraining.Options with
    {
        Epochs = 2,
        Simulation = new PartialSimulation(SimulationKind.Rps, 0.5, 4),
        CountIgnored = true,
    };

    [Test]
    public void StoppedInEitherStageItContinuesToTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        var data = TinyTraining.Pictures(folder.Path);
        using var backend = Backend.Cpu(2);
        var whole = new TwoStageTraining(backend, TwoStagePlan.Begin(folder["whole"], Options), data, data).Begin();
        AssertResult(whole, folder["whole"]);

        foreach (var stage in new[] { TrainingStage.Ignore, TrainingStage.Selective })
        {
            var run = folder[$"stopped-{stage}"];
            using var stop = new CancellationTokenSource();
            var until = new StopInSecondEpochOf(stage, stop);
            var stopped = new TwoStageTraining(backend, TwoStagePlan.Begin(run, Options), data, data);
            Assert.That(() => stopped.Begin(until, stop.Token), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(TwoStagePlan.Exists(run) && TwoStagePlan.HoldsWork(run));

            var stages = new List<TrainingStage>();
            var priors = new List<PriorComparison>();
            var result = new TwoStageTraining(backend, TwoStagePlan.Open(run), data, data)
            {
                TrainStage = trainer =>
                {
                    stages.Add(trainer.Stage);
                    Assert.That(trainer.IsContinued, Is.EqualTo(trainer.Stage <= stage));
                    return trainer.Train();
                },
                Estimated = priors.Add,
            }.Continue();
            Assert.That(stages, Is.EqualTo(new[] { TrainingStage.Ignore, TrainingStage.Selective }));
            Assert.That(priors.Single().Prior, Is.EqualTo(whole.Prior.Prior));
            AssertResult(result, run);
            AssertSameFiles(folder["whole"], run);
        }
    }

    [Test]
    public void AFolderInWhichSomebodyTrainsAndOneWithARunAreRefused()
    {
        using var folder = new TemporaryFolder();
        var data = TinyTraining.Pictures(folder.Path);
        using var backend = Backend.Cpu(1);
        var training = new TwoStageTraining(backend, TwoStagePlan.Begin(folder["run"], Options), data, data)
        {
            TrainStage = _ =>
            {
                Assert.That(() => FolderLock.Take(folder["run"], "test"), Throws.TypeOf<InputException>());
                Assert.That(() => FolderLock.Take(folder["run/ignore"], "test"), Throws.TypeOf<InputException>());
                throw new TimeoutException();
            },
        };
        Assert.That(() => training.Begin(), Throws.TypeOf<TimeoutException>());
        Assert.That(
            () => TwoStagePlan.Begin(folder["run"], Options),
            Throws.TypeOf<InputException>().With.Message.Contains("resume"));

        // Nothing stays of a training that could not begin.
        var impossible = TwoStagePlan.Begin(folder["none"], Options with { Layers = [1, 1] });
        var never = new TwoStageTraining(backend, impossible, data, data);
        Assert.That(() => never.Begin(), Throws.TypeOf<InputException>());
        Assert.That(Directory.Exists(folder["none"]), Is.False);
    }

    private static void AssertResult(TwoStageResult result, string run)
    {
        Assert.That(result.Selective.Run.Folder, Is.EqualTo(run));
        Assert.That(result.Ignore.Run.Folder, Is.EqualTo(Path.Combine(run, "ignore")));
        Assert.That(result.Ignore.Epochs, Has.Count.EqualTo(2));
        Assert.That(result.Selective.Epochs, Has.Count.EqualTo(2));
        Assert.That(result.Prior.True, Is.Not.Null, "labels were hidden on purpose");
        var written = PriorFile.Read(result.Ignore.Run.PriorFile, AttributeTable.Garments).Prior;
        Assert.That(result.Prior.Prior, Is.EqualTo(written));
    }

    private static void AssertSameFiles(string whole, string run)
    {
        string[] Files(string folder) =>
        [
            .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file)).Order(),
        ];
        Assert.That(Files(run), Is.EqualTo(Files(whole)));
        string[] charts =
        [
            "curves.png", "curves.svg", "simulation.png", "simulation.svg", "ignore/prior.png", "ignore/prior.svg",
        ];
        Assert.That(Files(run).Select(file => file.Replace('\\', '/')), Is.SupersetOf(charts));
        // These differ: times, the path of the prior, and the state before the last one.
        string[] others =
            ["metrics.csv", "run.json", "state.previous.safetensors", "events.out.tfevents.flixstock"]; // times
        foreach (var file in Files(run).Where(file => !others.Contains(Path.GetFileName(file))))
        {
            var expected = File.ReadAllBytes(Path.Combine(whole, file));
            Assert.That(File.ReadAllBytes(Path.Combine(run, file)), Same.As(expected), file);
        }
    }

    private sealed class StopInSecondEpochOf(TrainingStage stage, CancellationTokenSource stop)
        : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Stage == stage && value.Epoch == 2)
                stop.Cancel();
        }
    }
}
