using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// What a training tells while it runs, and the tables and event files that are made of it: each step and epoch once,
/// in order, also after it was stopped, killed or moved.
/// </summary>
public sealed class ObserverTests
{
    private static readonly TrainerOptions Tiny = TinyTraining.Options;

    [Test]
    public void EachStepAndEpochIsToldOnceAndInOrder()
    {
        using var folder = new TemporaryFolder();
        var log = new Log();
        Train(folder, "run", log);
        Assert.That(log.Lines, Is.EqualTo(new[]
        {
            "begin 0 of 9, 0 epochs, 84 labels", "step 1/1", "step 2/1", "step 3/1", "save", "epoch 1", "save",
            "step 4/2", "step 5/2", "step 6/2", "save", "epoch 2", "save",
            "step 7/3", "step 8/3", "step 9/3", "save", "epoch 3", "save", "end",
        }));
        var steps = log.Steps;
        Assert.Multiple(() =>
        {
            // The last batch of an epoch has two pictures.
            Assert.That(steps[0].LossPerLabel, Is.EqualTo(steps[0].Loss / (4.0 * 21)));
            Assert.That(steps[2].LossPerLabel, Is.EqualTo(steps[2].Loss / (2.0 * 21)));
            Assert.That(steps.Select(step => step.LearningRate), Is.All.Positive);
        });
    }

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(6)]
    public void ARunThatWasStoppedHasTheSameStepsAndEvents(int stopAfter)
    {
        using var folder = new TemporaryFolder();
        Train(folder, "whole", new Log());
        Assert.That(
            () => Train(folder, "stopped", new Log { StopAfter = stopAfter }),
            Throws.InstanceOf<OperationCanceledException>());
        var log = new Log();
        Train(folder, "stopped", log, resume: true);
        Assert.That(log.Steps[0].Step, Is.EqualTo(stopAfter + 1));
        Assert.That(
            File.ReadAllBytes(folder["stopped/steps.csv"]), Same.As(File.ReadAllBytes(folder["whole/steps.csv"])));
        Assert.That(Events(folder["stopped"]), Is.EqualTo(Events(folder["whole"])));
    }

    // As after a kill: the files are ahead of the state, end in the middle of an entry, or are gone.
    [TestCase("ahead")]
    [TestCase("cut")]
    [TestCase("gone")]
    public void WhatDoesNotBelongToTheStateIsForgotten(string how)
    {
        using var folder = new TemporaryFolder();
        Train(folder, "whole", new Log());
        Assert.That(
            () => Train(folder, "killed", new Log { StopAfter = 5 }), Throws.InstanceOf<OperationCanceledException>());
        foreach (var name in new[] { "steps.csv", "events.out.tfevents.flixstock" })
        {
            var (whole, killed) = (folder[$"whole/{name}"], folder[$"killed/{name}"]);
            if (how == "ahead")
                File.Copy(whole, killed, overwrite: true);
            else if (how == "cut")
                File.AppendAllText(killed, "6,2,0.12");
            else
                File.Delete(killed);
        }
        Train(folder, "killed", new Log(), resume: true);
        var steps = File.ReadAllLines(folder["whole/steps.csv"]);
        Assert.That(
            File.ReadAllLines(folder["killed/steps.csv"]),
            Is.EqualTo(how == "gone" ? [steps[0], .. steps[6..]] : steps));
        var events = Events(folder["whole"]);
        Assert.That(
            Events(folder["killed"]),
            Is.EqualTo(how == "gone" ? events.Where(entry => entry.Step > 5) : events).AsCollection);
    }

    [Test]
    public void TheTablesAgreeWithEachOther()
    {
        using var folder = new TemporaryFolder();
        Train(folder, "run", new Log());
        var metrics = File.ReadAllLines(folder["run/metrics.csv"]).Select(line => line.Split(',')).ToList();
        var steps = File.ReadAllLines(folder["run/steps.csv"]).Select(line => line.Split(',')).ToList();
        var loss = steps.Skip(1).Take(3).Average(row => double.Parse(row[2], CultureInfo.InvariantCulture));
        var events = Events(folder["run"]);
        var (column, perLabel) = (metrics[0].IndexOf("loss"), metrics[0].IndexOf("loss_per_label"));
        double Metric(int at) => double.Parse(metrics[1][at], CultureInfo.InvariantCulture);
        Assert.Multiple(() =>
        {
            Assert.That(steps[0], Is.EqualTo(new[] { "step", "epoch", "loss", "loss_per_label", "learning_rate" }));
            Assert.That(Metric(column), Is.EqualTo(loss).Within(1e-6 * loss));
            Assert.That(Metric(perLabel), Is.EqualTo(Metric(column) / 84));
            Assert.That(
                events.Single(entry => entry is { Step: 3, Tag: "epoch/loss" }).Value,
                Is.EqualTo((float)loss).Within(1e-5 * loss));
            Assert.That(events.Count(entry => entry.Tag == "step/loss"), Is.EqualTo(9));
            Assert.That(events.Select(entry => entry.Tag).Distinct(), Does.Contain("epoch/validation_loss_per_label"));
        });
    }

    [Test]
    public void AFileThatSomebodyRemovesIsWrittenAgain()
    {
        using var folder = new TemporaryFolder();
        Train(folder, "whole", new Log());
        Train(folder, "run", new Log
        {
            After = step =>
            {
                if (step != 4)
                    return;
                File.Delete(folder["run/steps.csv"]);
                File.WriteAllText(folder["run/events.out.tfevents.flixstock"], "mine");
            },
        });
        Assert.That(File.ReadAllText(folder["run/steps.csv"]), Is.EqualTo(File.ReadAllText(folder["whole/steps.csv"])));
        Assert.That(Events(folder["run"]), Is.EqualTo(Events(folder["whole"])));
    }

    [Test]
    public void AnObserverThatFailsEndsTheTrainingWithItsStateSaved()
    {
        using var folder = new TemporaryFolder();
        Train(folder, "whole", new Log());
        Assert.That(
            () => Train(folder, "run", new Log { After = step => Fail(step, 5) }),
            Throws.InvalidOperationException.With.Message.EqualTo("at 5"));
        var log = new Log();
        Train(folder, "run", log, resume: true);
        Assert.That(
            File.ReadAllBytes(folder["run/last.safetensors"]),
            Same.As(File.ReadAllBytes(folder["whole/last.safetensors"])));
        Assert.That(
            File.ReadAllText(folder["run/steps.csv"]), Is.EqualTo(File.ReadAllText(folder["whole/steps.csv"])));
    }

    [TestCase(1, 1)]
    [TestCase(10_000, 1)]
    [TestCase(10_001, 2)]
    [TestCase(1_000_000, 100)]
    public void OfALongTrainingEveryNthStepIsWritten(int steps, int stride) =>
        Assert.That(StepThinning.StrideOf(steps), Is.EqualTo(stride));

    private static void Fail(int step, int at)
    {
        if (step == at)
            throw new InvalidOperationException($"at {at}");
    }

    private static void Train(TemporaryFolder folder, string name, Log log, bool resume = false)
    {
        using var backend = Backend.Cpu(1);
        var data = TinyTraining.Pictures(folder.Path);
        var run = resume ? TrainingRun.Open(folder[name]) : TrainingRun.Create(folder[name]);
        using var trainer = new Trainer(backend, data, data, Tiny, run, resume);
        using var stop = new CancellationTokenSource();
        log.Stop = stop;
        trainer.Observe(log);
        trainer.Train(cancellation: stop.Token);
        Assert.That(() => trainer.Observe(new Log()), Throws.InvalidOperationException);
    }

    // Without times, and what they decide.
    private static List<(long Step, string Tag, float Value)> Events(string run) =>
    [
        .. EventRecords.Read(File.ReadAllBytes(Path.Combine(run, "events.out.tfevents.flixstock")))
            .Where(record => record.Entry.WhatCase == Event.WhatOneofCase.Summary)
            .SelectMany(record => record.Entry.Summary.Value.Select(
                value => (record.Entry.Step, value.Tag, value.SimpleValue)))
            .Where(value => value.Tag is not ("epoch/images_per_second" or "epoch/data_wait" or "epoch/seconds")),
    ];

    private sealed class Log : ITrainingObserver
    {
        public List<string> Lines { get; } = [];

        public List<StepReport> Steps { get; } = [];

        public int? StopAfter { get; init; }

        public Action<int>? After { get; init; }

        public CancellationTokenSource? Stop { get; set; }

        public void Begin(TrainingStart start) => Lines.Add(
            $"begin {start.StepsDone} of {start.Steps}, {start.Epochs.Count} epochs, {start.LabelsPerBatch} labels");

        public void Step(in StepReport step)
        {
            Lines.Add($"step {step.Step}/{step.Epoch}");
            Steps.Add(step);
            if (step.Step == StopAfter)
                Stop!.Cancel();
            After?.Invoke(step.Step);
        }

        public void EndEpoch(EpochSummary epoch) => Lines.Add($"epoch {epoch.Epoch}");

        public void Save() => Lines.Add("save");

        public void End(Exception? failure) => Lines.Add(failure is null ? "end" : $"end {failure.GetType().Name}");
    }
}
