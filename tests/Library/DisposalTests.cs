using Flixstock.Engine;
using Flixstock.Tests.Weights;

namespace Flixstock.Tests.Library;

/// <summary>Whatever can be disposed of can be so twice, and refuses what is asked of it afterwards.</summary>
public sealed class DisposalTests
{
    // Made, and what must be refused once it is gone. Of a lock nothing can be asked afterwards.
    private static readonly Dictionary<Type, Func<TemporaryFolder, (IDisposable Made, Action[] Calls)>> Cases = new()
    {
        [typeof(Predictor)] = folder => Of(new Predictor(Tiny()), made => [() => made.Predict(new RgbPicture(8, 8))]),
        [typeof(FoldedNetwork)] = folder => Of(
            new FoldedNetwork(Network(out _)),
            made => [() => made.Run(new byte[32 * 32 * 3], 1, 32, 32, new float[3])]),
        [typeof(GradCam)] = folder => Of(
            new GradCam(new FoldedNetwork(Network(out _), explains: true)),
            made => [() => made.Maps(new byte[32 * 32 * 3], 1, 32, 32, [0])]),
        [typeof(Network)] = folder => Of(Network(out _), made => [
            () => made.Initialize(1), () => made.Load(TinyWeights.Plain), () => made.LoadWhatFits(TinyWeights.Plain),
            () => made.ToStateDict(),
        ]),
        [typeof(ParameterBuffer)] = folder => Of(
            Network(out _).Buffer, made => [() => _ = made.Values, () => _ = made.Gradients]),
        [typeof(Checkpoint)] = folder => Of(Loaded(folder), made => [
            () => made.CreateNetwork(Backend.Cpu(1)), () => made.Fold(Backend.Cpu(1)), () => new Predictor(made),
            () => made.Save(folder["copy.safetensors"]),
        ]),
        [typeof(WeightsFile)] = folder => Of(WeightsFile.Read(Saved(folder)), made => [() => _ = made.State]),
        [typeof(Backend)] = folder => Of(
            Backend.Cpu(1), made => [() => made.Device.Allocate(new Shape(1)), () => made.Device.EnterExclusive()]),
        [typeof(Device)] = folder => Of<Device>(
            new CpuDevice(2), made => [() => made.Allocate(new Shape(1)), () => made.Clear(Tensor.None)]),
        [typeof(WorkerThreads)] = folder => Of(new WorkerThreads(2), made => [() => RunOn(made)]),
        [typeof(DynamicArena)] = folder => Of(
            new DynamicArena(new CpuDevice(1)), made => [() => made.Take(new Shape(1))]),
        [typeof(PlannedArena)] = folder => Of(
            new PlannedArena(new CpuDevice(1), [new TensorLifetime(64, 0, 1)]),
            made => [() => made.Take(new Shape(16))]),
        [typeof(DeviceTimer)] = folder => Of(new DeviceTimer(), made => [() => made.Mark()]),
        [typeof(BatchLoader)] = folder => Of(
            new BatchLoader([Sample(folder)], 3, new BatchLoaderOptions { Preparation = new(32) }),
            made => [() => made.StartEpoch(0), () => made.TryNext(out _)]),
        [typeof(LossScaler)] = folder => Of(
            new LossScaler(Backend.Cpu(1)),
            made => [() => _ = made.Value, () => _ = made.GoodStepsTaken, () => made.Restore(1, 0)]),
        [typeof(Loss)] = folder => Of<Loss>(
            new SelectiveLoss(Backend.Cpu(1), prior: [0.5f]), made => [() => made.Compute(default, default)]),
        [typeof(GroupedSoftmaxLoss)] = folder => Of(
            new GroupedSoftmaxLoss(Backend.Cpu(1), AttributeTable.Garments),
            made => [() => made.Compute(default, default)]),
        [typeof(PartialLoss)] = folder => Of(
            new PartialLoss(Backend.Cpu(1), new PartialLossOptions(PartialLossKind.Hill)),
            made => [() => made.Compute(default, default)]),
        [typeof(Adam)] = folder => Of(
            Optimizer(), made => [() => made.Step(), () => made.RestartAverage(), () => _ = made.StepsTaken]),
        [typeof(Trainer)] = folder => Of(Training(folder), made => [() => made.Train(), () => made.Open()]),
        [typeof(MlflowTracker)] = folder => Of(
            new MlflowTracker(MlflowServer.At("http://localhost:5000")), made => [made.Connect]),
        [typeof(StagedOutput)] = folder => Of(
            new StagedOutput(folder["out"]),
            made => [made.Publish, () => made.PublishFiles([]), () => made.SetAside(["x"])]),
        [typeof(FolderLock)] = folder => Of(FolderLock.Take(folder.Path, "testing"), _ => []),
    };

    // Of the CUDA device alone; tests/Devices/Cuda/SharedGpuTests.cs has them.
    private static readonly Type[] OnGpu = [typeof(CapturedWork), typeof(InputChannel), typeof(KernelModule)];

    public static IEnumerable<Type> Types => Cases.Keys;

    [Test]
    public void EveryPublicTypeThatIsDisposedOfIsLookedAt() => Assert.That(
        typeof(Predictor).Assembly.GetExportedTypes().Where(
            type => type.IsAssignableTo(typeof(IDisposable)) && !Cases.Keys.Concat(OnGpu).Any(type.IsAssignableTo)),
        Is.Empty);

    [TestCaseSource(nameof(Types))]
    public void CallsAfterDisposalAreRefusedAndASecondDisposalIsNone(Type type)
    {
        using var folder = new TemporaryFolder();
        var (made, calls) = Cases[type](folder);
        made.Dispose();
        foreach (var call in calls)
            Assert.That(() => call(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(made.Dispose, Throws.Nothing);
    }

    [Test]
    public void WhatUsedADeviceMayBeDisposedOfAfterIt()
    {
        var network = Network(out var backend);
        var (folded, arena) = (new FoldedNetwork(network), new DynamicArena(backend.Device));
        arena.Take(new Shape(4));
        backend.Dispose();
        Assert.That(() =>
        {
            arena.Dispose();
            folded.Dispose();
            network.Dispose();
        }, Throws.Nothing);
    }

    [Test]
    public void ACheckpointWaitsForTheNetworksThatAreMadeOfIt()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = Loaded(folder);
        using var backend = Backend.Cpu(1);
        var makers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var made = 0; ; made++)
            {
                try
                {
                    checkpoint.CreateNetwork(backend).Dispose();
                }
                catch (ObjectDisposedException)
                {
                    return made;
                }
            }
        })).ToArray();
        SpinWait.SpinUntil(() => makers.All(maker => maker.Status == TaskStatus.Running || maker.IsCompleted));
        checkpoint.Dispose();
        Assert.That(() => Task.WaitAll(makers), Throws.Nothing, "no memory is read that is not there any more");
    }

    private static (IDisposable, Action[]) Of<T>(T made, Func<T, Action[]> calls) where T : IDisposable =>
        (made, calls(made));

    private static TResNet Network(out Backend backend)
    {
        var network = new TResNet(backend = Backend.Cpu(1), TinyWeights.Options);
        network.Initialize(1);
        return network;
    }

    private static Checkpoint Tiny() => new()
    {
        State = TinyWeights.Plain,
        Model = TinyWeights.Options,
        Attributes = AttributeTable.OfClasses(["a", "b", "c"]),
        Preparation = new(32),
    };

    private static string Saved(TemporaryFolder folder)
    {
        Tiny().Save(folder["tiny.safetensors"]);
        return folder["tiny.safetensors"];
    }

    private static Checkpoint Loaded(TemporaryFolder folder) => Checkpoint.Load(Saved(folder));

    private static Sample Sample(TemporaryFolder folder) =>
        new("p.jpg", folder.Write("p.jpg", TemporaryFolder.SmallJpeg(1)), new sbyte[] { 1, 0, -1 });

    private static Adam Optimizer()
    {
        var network = Network(out var backend);
        return new Adam(backend, network.Buffer, new AdamSettings(), new OneCycleSchedule(1e-3, 10));
    }

    private static Trainer Training(TemporaryFolder folder)
    {
        var samples = Enumerable.Range(0, 4).Select(i => Sample(folder) with { File = $"{i}" }).ToList();
        var data = new ImageDataset(AttributeTable.OfClasses(["a", "b", "c"]), samples);
        return new Trainer(
            Backend.Cpu(1), data, data,
            new TrainerOptions
            {
                Layers = [1, 1, 1, 1],
                Width = 0.0625,
                ImageSize = 32,
                BatchSize = 2,
                Epochs = 1,
                Workers = 0,
            },
            TrainingRun.Create(folder["run"]));
    }

    private static void RunOn(WorkerThreads threads)
    {
        var work = default(NoWork);
        threads.Run(ref work, 4);
    }

    private struct NoWork : IChunkedWork
    {
        public readonly void Execute(int chunk)
        {
        }
    }
}
