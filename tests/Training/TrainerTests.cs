using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Training;

[NonParallelizable]
public class TrainerTests
{
    private static readonly TrainerOptions Tiny = TinyTraining.Options;

    private string _folder = "";
    private Func<int, Backend> _open = OpenCpu;

    private static Backend OpenCpu(int threads) => Backend.Cpu(threads);

    [SetUp]
    public void MakeFolder() =>
        (_folder, _open) = (Directory.CreateTempSubdirectory("flixstock-trainer").FullName, OpenCpu);

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void TheSameSeedGivesTheSameBytesWhateverWorkersAndThreads()
    {
        Train("one", Tiny, threads: 1);
        Train("two", Tiny with { Workers = 3 }, threads: 3);
        foreach (var file in new[] { "last.safetensors", "average.safetensors", "best.safetensors", "prior.csv" })
            Assert.That(Bytes("two", file), Same.As(Bytes("one", file)), file);
    }

    [Test]
    public void ARunThatWasStoppedWithinAnEpochGoesOnToTheSameBytes([Values(1, 3, 4)] int stopAfter)
    {
        Train("whole", Tiny, threads: 2);
        using var cancellation = new CancellationTokenSource();
        var progress = new Immediate(report =>
        {
            if (report.Step == stopAfter && report.Summary is null)
                cancellation.Cancel();
        });
        Assert.That(
            () => Train("stopped", Tiny, threads: 2, resume: false, progress, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Train("stopped", Tiny, threads: 2, resume: true);
        foreach (var file in new[] { "last.safetensors", "average.safetensors", "best.safetensors", "prior.csv" })
            Assert.That(Bytes("stopped", file), Same.As(Bytes("whole", file)), file);
    }

    [Test]
    public void ASampledAugmentedGroupedRunGoesOnToTheSameBytesWhateverTheWorkers()
    {
        var recipe = Tiny with
        {
            Balance = SampleBalance.Sampler,
            Augmentation = AugmentationKind.RandAugment,
            Head = HeadKind.Grouped,
        };
        Train("whole", recipe, threads: 2);
        using var cancellation = new CancellationTokenSource();
        var progress = new Immediate(report =>
        {
            if (report.Step == 4)
                cancellation.Cancel();
        });
        Assert.That(
            () => Train("stopped", recipe, threads: 2, resume: false, progress, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Train("stopped", recipe with { Workers = 3 }, threads: 1, resume: true);
        foreach (var file in new[] { "last.safetensors", "average.safetensors", "best.safetensors" })
            Assert.That(Bytes("stopped", file), Same.As(Bytes("whole", file)), file);
        Train("plain", Tiny, threads: 2);
        Assert.That(Bytes("plain", "last.safetensors"), Same.Not(Bytes("whole", "last.safetensors")));
    }

    [Test]
    public void ARunFromBeforeTheAverageWarmedUpGoesOnWithoutToTheSameBytes()
    {
        var old = Tiny with { AverageWarmup = false };
        Train("whole", old, threads: 2);
        using var cancellation = new CancellationTokenSource();
        var progress = new Immediate(report =>
        {
            if (report.Step == 4)
                cancellation.Cancel();
        });
        Assert.That(
            () => Train("stopped", old, threads: 2, resume: false, progress, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        var description = Path.Combine(_folder, "stopped", "run.json");
        File.WriteAllText(
            description,
            File.ReadAllText(description).Replace("\"averageWarmup\": false,", "", StringComparison.Ordinal));
        Assert.That(File.ReadAllText(description), Does.Not.Contain("averageWarmup"));
        Train("stopped", TrainingRun.Open(Path.Combine(_folder, "stopped")).ReadOptions(), threads: 2, resume: true);
        AssertSameFiles("stopped", "whole");
        Train("warm", Tiny, threads: 2);
        Assert.That(Bytes("warm", "last.safetensors"), Same.As(Bytes("whole", "last.safetensors")));
        Assert.That(Bytes("warm", "average.safetensors"), Same.Not(Bytes("whole", "average.safetensors")));
    }

    // Nothing is learned, so no epoch is better than the first.
    [Test]
    public void PatienceEndsATrainingAndItCanGoOnWithoutIt()
    {
        var still = Tiny with { LearningRate = 1e-30, WeightDecay = 0 };
        Train("whole", still, threads: 1);
        Train("run", still with { Patience = 1 }, threads: 1);
        var metrics = Path.Combine(_folder, "run", "metrics.csv");
        Assert.That(RunMetrics.Read(metrics).Select(epoch => epoch.Epoch), Is.EqualTo(new[] { 1, 2 }));
        Train("run", still with { Patience = 1 }, threads: 1, resume: true);
        Assert.That(RunMetrics.Read(metrics), Has.Count.EqualTo(2));
        Train("run", still, threads: 1, resume: true);
        AssertSameFiles("run", "whole");
    }

    [Test]
    public void ResumingWithOtherOptionsIsRefusedByName()
    {
        Train("run", Tiny, threads: 1);
        Assert.That(() => Train("run", Tiny with { LearningRate = 2e-3 }, threads: 1, resume: true),
            Throws.TypeOf<InputException>().With.Message.Contains("learningRate"));
    }

    [Test]
    public void ResumingAtAnotherPrecisionIsRefusedInOneLine()
    {
        Train("run", Tiny with { Epochs = 1 }, threads: 1);
        Assert.That(
            File.ReadAllText(Path.Combine(_folder, "run", "run.json")), Does.Contain("\"precision\": \"fp32\""));
        _open = threads =>
        {
            var device = new CpuDevice(threads);
            return new Backend(device, new CpuKernels(device), Precision.Tf32);
        };
        Assert.That(() => Train("run", Tiny with { Epochs = 1 }, threads: 1, resume: true),
            Throws.TypeOf<InputException>().With.Message
                .EndsWith("the run was begun with precision fp32, not tf32; give the same one"));
    }

    [Test]
    public void ALossThatIsNotFiniteStopsTheTrainingAndNamesTheStep() =>
        Assert.That(() => Train("run", Tiny with { LearningRate = 1e30, Epochs = 4 }, threads: 1),
            Throws.TypeOf<NonFiniteLossException>().With.Message.Contains("step ").And.Message.Contains("not finite"));

    [Test]
    public void CapturedStepsWithBatchesOnTheirWayGiveTheSameBytes([Values] bool graphs)
    {
        Train("cpu", Tiny, threads: 2);
        DeviceDouble? device = null;
        _open = _ =>
        {
            device = new DeviceDouble(1, asynchronous: true);
            return new Backend(device, device.Kernels) { Graphs = graphs };
        };
        Train("double", Tiny, threads: 2);
        AssertSameFiles("double", "cpu");
        // Two inputs for the full batch, and for the partial one, which comes once an epoch, as many as its third time
        // needs; more for validation's plans.
        Assert.That(device!.Captured, graphs ? Is.AtLeast(3) : Is.Zero);
        Assert.That(device.Replayed, graphs ? Is.AtLeast(device.Captured) : Is.Zero);
    }

    [Test]
    public void AnAsynchronousRunThatWasStoppedGoesOnToTheSameBytes([Values(1, 4)] int stopAfter)
    {
        Train("whole", Tiny, threads: 2);
        _open = _ => DeviceDouble.Open(1, asynchronous: true);
        using var cancellation = new CancellationTokenSource();
        var progress = new Immediate(report =>
        {
            if (report.Step == stopAfter && report.Summary is null)
                cancellation.Cancel();
        });
        Assert.That(
            () => Train("stopped", Tiny, threads: 2, resume: false, progress, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Train("stopped", Tiny, threads: 2, resume: true);
        AssertSameFiles("stopped", "whole");
    }

    [Test]
    public void ALossThatIsNotFiniteIsFoundAStepLateAndIsTheSameMessage()
    {
        string Message(string folder)
        {
            var failure = Assert.Throws<NonFiniteLossException>(
                () => Train(folder, Tiny with { LearningRate = 1e30, Epochs = 4 }, threads: 1));
            return failure!.Message;
        }
        var expected = Message("cpu");
        _open = _ => DeviceDouble.Open(1, asynchronous: true);
        Assert.That(Message("double"), Is.EqualTo(expected));
    }

    [Test, NonParallelizable]
    public void AWarmStepAllocatesNothing()
    {
        using var backend = Backend.Cpu(2);
        var data = TinyTraining.Pictures(_folder);
        using var network = Tiny.Model(data.Attributes.ClassCount).Create(backend);
        network.Initialize(1);
        using var step = new TrainingStep(
            network, new SelectiveLoss(backend), Tiny.Steps(new OneCycleSchedule(1e-3, 100), data.Samples.Count));
        using var loader = new BatchLoader(
            data.Samples, data.Attributes.ClassCount,
            new BatchLoaderOptions { BatchSize = 4, Preparation = new(32), Workers = 0 });
        loader.StartEpoch(1);
        Assert.That(loader.TryNext(out var batch), Is.True);
        for (var i = 0; i < 5; i++)
            step.Run(batch, i);
        // Of all threads; the test runner's own may allocate meanwhile, so the least of several counts.
        var least = long.MaxValue;
        for (var i = 5; i < 65 && least > 0; i += 3)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var j = i; j < i + 3; j++)
                step.Run(batch, j);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.That(least, Is.Zero);
    }

    private void Train(
        string name, TrainerOptions options, int threads, bool resume = false,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var backend = _open(threads);
        var data = TinyTraining.Pictures(_folder);
        var folder = Path.Combine(_folder, name);
        var run = resume ? TrainingRun.Open(folder) : TrainingRun.Create(folder);
        using var trainer = new Trainer(backend, data, data, options, run, resume);
        trainer.Train(progress, cancellation);
    }

    private void AssertSameFiles(string actual, string expected)
    {
        foreach (var file in new[] { "last.safetensors", "average.safetensors", "best.safetensors", "prior.csv" })
            Assert.That(Bytes(actual, file), Same.As(Bytes(expected, file)), file);
    }

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(_folder, run, file));

    private sealed class Immediate(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }
}
