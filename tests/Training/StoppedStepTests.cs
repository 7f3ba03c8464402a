using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Training;

/// <summary>
/// A step that does not come to its end, for whatever reason, leaves no trace: the run continues to the same bytes.
/// </summary>
[NonParallelizable]
public class StoppedStepTests
{
    private static readonly TrainerOptions Tiny = TinyTraining.Options with { Epochs = 2, Width = 0.0625 };

    private static readonly string[] RunFiles =
    [
        "last.safetensors", "average.safetensors", "best.safetensors", "prior.csv", "state.safetensors",
    ];

    private string _folder = "";
    private ImageDataset _data = null!;

    [OneTimeSetUp]
    public void TrainUndisturbed()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-cut").FullName;
        _data = TinyTraining.Pictures(_folder);
        Train("whole", Tiny, Backend.Cpu(1));
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void AStepThatIsCutBetweenLayersIsTakenAgain([Values(9, 43, 161)] int at)
    {
        using var stop = new CancellationTokenSource();
        Assert.That(
            () => Train($"cut {at}", Tiny, Watched(new AtRange(at, stop.Cancel)), cancellation: stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        RequireSameEnd($"cut {at}");
    }

    [Test]
    public void AFailureInAStepSavesTheStateBeforeIt([Values(43, 120)] int at)
    {
        void Fail() => throw new InvalidOperationException("a kernel that cannot");
        Assert.That(
            () => Train($"failed {at}", Tiny, Watched(new AtRange(at, Fail))),
            Throws.InvalidOperationException.With.Message.EqualTo("a kernel that cannot"));
        RequireSameEnd($"failed {at}");
    }

    [Test]
    public void AFailureInTheOptimizerSavesNothing()
    {
        var device = new CpuDevice(1);
        var kernels = FaultyKernels.Create(new CpuKernels(device), (name, count) =>
        {
            if (name == nameof(IKernels.AdamStep) && count == 5)
                throw new InvalidOperationException("half-way");
        });
        Assert.That(
            () => Train("optimizer", Tiny with { SaveSteps = 3 }, new Backend(device, kernels)),
            Throws.InvalidOperationException);
        Assert.That(StateOf("optimizer"), Is.EqualTo(("2", "0")), "the last one that was whole");
        RequireSameEnd("optimizer");
    }

    [Test]
    public void AnAsynchronousDeviceThatFindsOutLateGoesBackToTheSameState([Values] bool asynchronous)
    {
        Train("late", Tiny, WithNan(asynchronous, 5), failure: failure =>
        {
            Assert.That(failure, Is.TypeOf<NonFiniteLossException>().With.Message.Contains("step 5").And.Message
                .Contains("OnNonFinite skip"));
            Assert.That(((NonFiniteLossException)failure).Pictures, Has.Count.EqualTo(4));
            Assert.That(
                File.ReadLines(Path.Combine(_folder, "late", "non_finite.csv")).Skip(1)
                    .Select(line => line.Split(',')[2]),
                Is.EqualTo(((NonFiniteLossException)failure).Pictures));
        });
        Assert.That(StateOf("late"), Is.EqualTo(("2", "1")));
        RequireSameEnd("late");
    }

    [Test]
    public void ABatchThatIsNotFiniteCanBeLeftOut([Values] bool asynchronous)
    {
        var notes = new List<string>();
        Train("skip", Tiny with { OnNonFinite = NonFiniteAction.Skip }, WithNan(asynchronous, 5), notes: notes);
        Assert.That(
            notes,
            Has.Count.EqualTo(1).And.All.Contains("step 5: the loss is not finite").And.All.Contains("left out"));
        using var state = WeightsFile.Read(Path.Combine(_folder, "skip", "state.safetensors"), asStored: true);
        Assert.That(state.State["optimizer.step"].ToIntegers(), Is.EqualTo(new[] { 5 }), "of six steps");
        Assert.That(
            state.State.Where(tensor => tensor.Type == StateType.F32).SelectMany(tensor => tensor.ToFloats()),
            Is.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void SkippingEndsWhereNothingElseHappens()
    {
        Train(
            "hopeless", Tiny with { OnNonFinite = NonFiniteAction.Skip, Epochs = 30 },
            WithNan(asynchronous: false, 5, count: int.MaxValue),
            failure: failure =>
                Assert.That(failure, Is.TypeOf<NonFiniteLossException>().With.Message.Contains("step 37")));
    }

    [Test]
    public void AnotherLearningRateContinuesFromTheStateBeforeTheLossGrew()
    {
        Train("diverged", Tiny with { SaveSteps = 2 }, WithNan(asynchronous: false, 4), failure: _ => { });
        Assert.That(
            (StateOf("diverged"), StateOf("diverged", "state.previous.safetensors")),
            Is.EqualTo((("2", "0"), ("1", "2"))));
        var notes = new List<string>();
        Train(
            "diverged", Tiny with { LearningRate = 1e-4, NewLearningRate = true }, Backend.Cpu(1),
            resume: true, notes: notes);
        Assert.That(notes, Has.Some.Contains("before the loss stopped being finite: epoch 1, step 3 of 3"));
        Assert.That(TrainingRun.OptionsIn(Path.Combine(_folder, "diverged"))!.LearningRate, Is.EqualTo(1e-4));
        Assert.That(Bytes("diverged", "last.safetensors"), Same.Not(Bytes("whole", "last.safetensors")));
        // The new rate is the run's from now on.
        Assert.That(() => Train("diverged", Tiny with { Epochs = 2 }, Backend.Cpu(1), resume: true),
            Throws.InstanceOf<InputException>().With.Message.Contains("learningRate 0.001 instead of 0.0001"));
        Train("diverged", Tiny with { LearningRate = 1e-4 }, Backend.Cpu(1), resume: true);
    }

    private static Backend Watched(IRangeObserver ranges)
    {
        var device = new CpuDevice(1);
        return new Backend(device, new CpuKernels(device)) { Ranges = ranges };
    }

    // The loss of some steps is NaN, and with it their gradients and the running statistics.
    private static Backend WithNan(bool asynchronous, int from, int count = 1)
    {
        void Spoil(string name, int call, object?[] arguments)
        {
            if (name == nameof(IKernels.SelectiveLoss) && call >= from && call - from < count)
                Fill((Tensor)arguments[4]!, float.NaN);
            if (name == nameof(IKernels.PriorAccumulate) && call >= from && call - from < count)
                Fill((Tensor)arguments[1]!, float.NaN);
        }

        var device = asynchronous ? new DeviceDouble(1, asynchronous: true) : (Device)new CpuDevice(1);
        var kernels = device is DeviceDouble twin ? twin.Kernels : new CpuKernels((CpuDevice)device);
        return new Backend(device, FaultyKernels.Create(kernels, after: Spoil)) { Graphs = false };
    }

    private static unsafe void Fill(Tensor tensor, float value) =>
        new Span<float>((void*)tensor.Address, (int)tensor.Count).Fill(value);

    private void RequireSameEnd(string name)
    {
        Train(name, Tiny, Backend.Cpu(1), resume: true);
        foreach (var file in RunFiles)
            Assert.That(Bytes(name, file), Same.As(Bytes("whole", file)), file);
    }

    private (string Epoch, string Batch) StateOf(string name, string file = "state.safetensors")
    {
        using var state = WeightsFile.Read(Path.Combine(_folder, name, file), asStored: true);
        return (state.State.Metadata["epoch"], state.State.Metadata["batch"]);
    }

    private void Train(
        string name, TrainerOptions options, Backend backend, bool resume = false, Action<Exception>? failure = null,
        List<string>? notes = null, CancellationToken cancellation = default)
    {
        var folder = Path.Combine(_folder, name);
        using var owned = backend;
        using var trainer = new Trainer(
            backend, _data, _data, options,
            resume ? TrainingRun.Open(folder) : TrainingRun.Create(folder, overwrite: true), resume);
        trainer.Open();
        notes?.AddRange(trainer.Notes.Select(note => note.ToString()));
        var progress = new Listener(at =>
        {
            if (at.Note is { } note)
                notes?.Add(note);
        });
        if (failure is null)
            trainer.Train(progress, cancellation);
        else
            failure(Assert.Catch(() => trainer.Train(progress, cancellation))!);
    }

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(_folder, run, file));

    private sealed class AtRange(int at, Action action) : IRangeObserver
    {
        private int _seen;

        public void Push(string name)
        {
            if (++_seen == at)
                action();
        }

        public void Pop()
        {
        }
    }

    private sealed class Listener(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }
}
