using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>
/// Which epoch and which weights become best.safetensors where mAP cannot be computed; and training parts that teach
/// nothing.
/// </summary>
[NonParallelizable]
public class SelectionTests
{
    private static readonly AttributeTable Classes = AttributeTable.OfClasses(["cat", "dog", "tree"]);
    private static readonly TrainerOptions Tiny = new()
    {
        ModelName = "tiny",
        Layers = [1, 1, 1, 1],
        Width = 0.0625,
        ImageSize = 32,
        BatchSize = 4,
        Epochs = 4,
        LearningRate = 1e-2,
        Workers = 1,
    };

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void PositivesAloneAreJudgedByValidationLoss()
    {
        var result = Train("run", Tiny, Part(8, (i, k) => k == i % 3 ? 1 : -1), out var trainer);
        Assert.That(
            trainer.SelectionNote,
            Does.Contain("all 4 known labels are positive").And.Contain("Validation loss decides"));
        Assert.That(trainer.LabelNote, Is.Null);
        AssertBestHasTheLeastLoss(result);
        Assert.That(result.Best.Measure, Is.EqualTo(SelectionMeasure.ValidationLoss));
        using var best = Checkpoint.Load(result.Run.BestFile);
        Assert.That((best.Epoch, best.MeanAp), Is.EqualTo(((int, double?))(result.BestEpoch, null)));
    }

    // Negatives alone, and positives and negatives of different classes.
    [TestCase(0, 0, "all 12 known labels are negative")]
    [TestCase(1, 0, "no class has both: there are 4 positive and 8 negative labels")]
    public void OtherLabelsThatCannotBeRankedToo(int first, int others, string why)
    {
        var result = Train(
            "run", Tiny with { Epochs = 2 }, Part(8, (i, k) => i % 2), Part(4, (_, k) => k == 0 ? first : others),
            out var trainer);
        Assert.That(trainer.SelectionNote, Does.Contain(why));
        AssertBestHasTheLeastLoss(result);
    }

    [Test]
    public void AGroupedHeadHasALossToo()
    {
        var grouped = new AttributeTable([new AttributeGroup("Shape", "shape", 3)]);
        var part = new ImageDataset(grouped, Part(8, (_, k) => k == 1 ? 1 : 0).Samples);
        var result = Train("run", Tiny with { Head = HeadKind.Grouped, Epochs = 2 }, part, part, out _);
        AssertBestHasTheLeastLoss(result);
    }

    [Test]
    public void WithNothingKnownInValidationTheLastEpochIsBest()
    {
        var result = Train(
            "run", Tiny with { Epochs = 3 }, Part(8, (i, k) => i % 2), Part(4, (_, _) => -1), out var trainer);
        Assert.That(
            trainer.SelectionNote,
            Does.Contain("no label of the 4 pictures is known").And.Contain("best.safetensors is the last epoch"));
        Assert.That(
            (result.BestEpoch, result.BestWeights, result.Best.Measure),
            Is.EqualTo((3, WeightsKind.Plain, SelectionMeasure.LastEpoch)));
        Assert.That(result.Epochs.Select(epoch => epoch.ValidationLoss), Is.All.NaN);
        Assert.That(File.ReadAllBytes(result.Run.BestFile), Same.As(File.ReadAllBytes(result.Run.LastFile)));
    }

    [Test]
    public void WhereMeanApExistsItDecidesAndTheLossStandsBesideIt()
    {
        var part = Part(8, (i, k) => i % 3 == k ? 1 : 0);
        var result = Train("run", Tiny, part, part, out var trainer);
        Assert.That((trainer.SelectionNote, result.Best.Measure), Is.EqualTo(((string?)null, SelectionMeasure.MeanAp)));
        Assert.That(
            result.Best.MeanAp, Is.EqualTo(result.Epochs.Max(epoch => Math.Max(epoch.MeanAp, epoch.AverageMeanAp))));
        Assert.That(
            result.Epochs.SelectMany(epoch => new[] { epoch.ValidationLoss, epoch.AverageValidationLoss }),
            Is.All.GreaterThan(0));
        // The same pictures: the loss by running statistics comes down to where the training's is.
        Assert.That(result.Epochs[^1].ValidationLoss, Is.EqualTo(result.Epochs[^1].Loss).Within(75).Percent);
    }

    [TestCase(SelectionMetric.WeightedMap)]
    [TestCase(SelectionMetric.MicroAp)]
    [TestCase(SelectionMetric.MacroF1)]
    [TestCase(SelectionMetric.MicroF1)]
    [TestCase(SelectionMetric.BalancedAccuracy)]
    [TestCase(SelectionMetric.ValidationLoss)]
    public void ANamedMetricDecidesAndIsTheOneOfTheWrittenWeights(SelectionMetric metric)
    {
        var part = Part(8, (i, k) => i % 3 == k ? 1 : 0);
        var result = Train("run", Tiny with { BestBy = metric }, part, part, out _);
        Assert.That((result.Best.Measure, result.BestBy), Is.EqualTo((SelectionMeasure.Named, metric)));
        Assert.That(
            result.Best.Named, Is.EqualTo(result.Epochs.Max(epoch => Math.Max(epoch.Named, epoch.AverageNamed))));
        using var best = Checkpoint.Load(result.Run.BestFile);
        Assert.That((best.Epoch, best.Weights), Is.EqualTo((result.BestEpoch, result.BestWeights)));
        if (metric == SelectionMetric.ValidationLoss)
        {
            Assert.That(result.Best.ValidationLoss, Is.EqualTo(result.Epochs.Min(
                epoch => Math.Min(epoch.ValidationLoss, epoch.AverageValidationLoss))));
        }
        Assert.That(RunMetrics.Read(result.Run.MetricsFile).Select(epoch => (epoch.Named, epoch.Best)), Is.EqualTo(
            result.Epochs.Select(epoch => (epoch.Named, epoch.Best))));
    }

    [Test]
    public void ARunByANamedMetricThatWasStoppedEndsWithTheSameBest()
    {
        var part = Part(8, (i, k) => i % 3 == k ? 1 : 0);
        var options = Tiny with { Epochs = 4, BestBy = SelectionMetric.MicroAp };
        var whole = Train("whole", options, part, part, out _);
        Train("stopped", options with { StopEpoch = 2 }, part, part, out _);
        using var backend = Backend.Cpu(1);
        using var trainer = new Trainer(
            backend, part, part, options, TrainingRun.Open(_folder["stopped"]), resume: true);
        var continued = trainer.Train();
        Assert.That((continued.Best, continued.BestEpoch), Is.EqualTo((whole.Best, whole.BestEpoch)));
        Assert.That(File.ReadAllBytes(continued.Run.BestFile), Same.As(File.ReadAllBytes(whole.Run.BestFile)));
    }

    [Test]
    public void ARunWhoseBestIsNoNumberGoesOnFromAnOldState()
    {
        var part = Part(8, (i, k) => k == i % 3 ? 1 : -1);
        var whole = Train("whole", Tiny, part, out _);
        Train("stopped", Tiny with { StopEpoch = 1 }, part, out _);
        // As states and metrics were before there was a validation loss.
        var run = TrainingRun.Open(_folder["stopped"]);
        using (var file = WeightsFile.Read(run.StateFile, asStored: true))
        {
            foreach (var later in new[] { "best_loss", "metrics", "run", "format" })
                file.State.Metadata.Remove(later);
            SafetensorsFile.Write(run.StateFile + ".old", file.State);
        }
        File.Move(run.StateFile + ".old", run.StateFile, overwrite: true);
        File.WriteAllLines(
            run.MetricsFile,
            File.ReadAllLines(run.MetricsFile).Select(line => string.Join(',', line.Split(',').SkipLast(8))));
        using var backend = Backend.Cpu(1);
        using var trainer = new Trainer(backend, part, Part(4, (i, k) => k == i % 3 ? 1 : -1), Tiny, run, resume: true);
        var result = trainer.Train();
        Assert.That((result.BestEpoch, result.BestWeights), Is.EqualTo((whole.BestEpoch, whole.BestWeights)));
        Assert.That(whole.BestEpoch, Is.GreaterThan(1), "else this shows nothing");
        Assert.That(File.ReadAllBytes(result.Run.BestFile), Same.As(File.ReadAllBytes(whole.Run.BestFile)));
        Assert.That(result.Epochs[0].ValidationLoss, Is.NaN);
        Assert.That(
            () => SkiaPaper.Paint(new ChartFile(TrainingCurves.Panels([new RunCurves("", result.Epochs, [])]))),
            Throws.Nothing, "curves with gaps");
    }

    [Test]
    public void AStoppedRunRemembersTheLossOfItsBest()
    {
        var part = Part(8, (i, k) => k == i % 3 ? 1 : -1);
        var whole = Train("whole", Tiny, part, out _);
        Train("stopped", Tiny with { StopEpoch = 3 }, part, out _);
        using var backend = Backend.Cpu(1);
        using var trainer = new Trainer(
            backend, part, Part(4, (i, k) => k == i % 3 ? 1 : -1), Tiny,
            TrainingRun.Open(_folder["stopped"]), resume: true);
        var result = trainer.Train();
        Assert.That(
            (result.Best, result.BestEpoch, result.BestWeights),
            Is.EqualTo((whole.Best, whole.BestEpoch, whole.BestWeights)));
        foreach (var name in new[] { "best.safetensors", "state.safetensors" })
        {
            Assert.That(
                File.ReadAllBytes(_folder["stopped/" + name]),
                Same.As(File.ReadAllBytes(_folder["whole/" + name])), name);
        }
    }

    [Test]
    public void ATrainingPartWithoutAKnownLabelTeachesNothing()
    {
        using var backend = Backend.Cpu(1);
        var known = Part(4, (i, k) => i % 2);
        Assert.That(() => new Trainer(backend, Part(5, (_, _) => -1), known, Tiny, TrainingRun.Create(_folder["run"])),
            Throws.TypeOf<InputException>().With.Message
                .Contains("no label of the 5 training pictures is known (3 classes: cat, dog, tree)"));
        Assert.That(File.Exists(_folder["run/run.json"]), Is.False);
    }

    [TestCase(PartialLossMode.Ignore, 1, "all that can be learnt is that every class is there")]
    [TestCase(PartialLossMode.IgnoreNormalizeClasses, 1, "Loss.Mode selective or negative")]
    [TestCase(PartialLossMode.Selective, 1, null)]
    [TestCase(PartialLossMode.Selective, 0, "no training label is positive")]
    public void OneSidedTrainingLabelsAreRemarkedOn(PartialLossMode mode, int label, string? note)
    {
        var known = KnownLabels.Of(Part(4, (i, k) => k == i % 3 ? label : -1));
        var said = known.TrainingNote(Tiny with { Loss = SelectiveLossOptions.Default with { Mode = mode } });
        Assert.That(said?.ToString(), note is null ? Is.Null : Does.Contain(note));
    }

    // Of plain or averaged weights of any epoch.
    private static void AssertBestHasTheLeastLoss(TrainingResult result)
    {
        Assert.That(result.Epochs.SelectMany(epoch => new[] { epoch.MeanAp, epoch.AverageMeanAp }), Is.All.NaN);
        var least = result.Epochs.Min(epoch => Math.Min(epoch.ValidationLoss, epoch.AverageValidationLoss));
        var best = result.Epochs[result.BestEpoch - 1];
        Assert.That(least, Is.GreaterThan(0));
        Assert.That(result.Best.ValidationLoss, Is.EqualTo(least));
        Assert.That(
            result.BestWeights == WeightsKind.Average ? best.AverageValidationLoss : best.ValidationLoss,
            Is.EqualTo(least));
        Assert.That(result.Epochs.Last(epoch => epoch.Best).Epoch, Is.EqualTo(result.BestEpoch));
        Assert.That(() => SkiaPaper.Paint(
                new ChartFile(TrainingCurves.Panels([new RunCurves("", result.Epochs, [])]))), Throws.Nothing);
    }

    private TrainingResult Train(string name, TrainerOptions options, ImageDataset training, out Trainer trainer) =>
        Train(name, options, training, Part(4, (i, k) => k == i % 3 ? 1 : -1), out trainer);

    private TrainingResult Train(
        string name, TrainerOptions options, ImageDataset training, ImageDataset validation, out Trainer trainer)
    {
        using var backend = Backend.Cpu(1);
        using (trainer = new Trainer(backend, training, validation, options, TrainingRun.Create(_folder[name])))
            return trainer.Train();
    }

    private ImageDataset Part(int pictures, Func<int, int, int> label)
    {
        var samples = new List<Sample>();
        for (var i = 0; i < pictures; i++)
        {
            var path = _folder[$"{i}.jpg"];
            if (!File.Exists(path))
                _folder.Write($"{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i));
            samples.Add(
                new Sample($"{i}.jpg", path, (sbyte[])[.. Enumerable.Range(0, 3).Select(k => (sbyte)label(i, k))]));
        }
        return new ImageDataset(Classes, samples);
    }
}
