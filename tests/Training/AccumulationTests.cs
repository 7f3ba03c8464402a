using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Training;

/// <summary>Updates whose gradients are sums over small batches.</summary>
[NonParallelizable]
public sealed class AccumulationTests
{
    private static readonly TrainerOptions Tiny = TinyTraining.Options with
    {
        BatchSize = 2,
        AccumulationSteps = 3,
        Loss = SelectiveLossOptions.Default with { LikelihoodTopK = 1 },
    };

    private TemporaryFolder _folder = null!;
    private ImageDataset _data = null!;

    [SetUp]
    public void MakePictures()
    {
        _folder = new TemporaryFolder();
        _data = TinyTraining.Pictures(_folder.Path);
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    // Three parts, and at the end of the epoch two: the gradient is the sum of what each part alone gives, with its own
    // batch statistics and its own ranking.
    [Test]
    public void AnUpdateHasTheGradientAndLossOfAllItsParts()
    {
        using var backend = Backend.Cpu(2);
        using var network = NewNetwork(backend);
        using var loss = new SelectiveLoss(backend, Tiny.Loss);
        using var step = new TrainingStep(network, loss, Steps(Tiny));
        using var alone = NewNetwork(backend);
        using var lossAlone = new SelectiveLoss(backend, Tiny.Loss);
        using var single = new TrainingStep(
            alone, lossAlone, Steps(Tiny with { AccumulationSteps = null }));
        foreach (var pictures in new[] { 6, 4 })
        {
            var (state, sum, losses) =
                (network.ToStateDict(), new double[alone.Buffer.Gradients.Count], 0.0);
            for (var first = 0; first < pictures; first += 2)
            {
                alone.Load(state); // a step changes weights
                losses += single.Run(BatchOf(first, 2), 1 + (first / 2))!.Value;
                var part = backend.Device.ToHost<float>(alone.Buffer.Gradients);
                for (var i = 0; i < part.Length; i++)
                    sum[i] += part[i];
            }

            Assert.That(step.Run(BatchOf(0, pictures), 1), Is.EqualTo(losses).Within(1e-4 * losses));
            TestTensors.AssertClose(
                backend.Device.ToHost<float>(network.Buffer.Gradients), [.. sum.Select(value => (float)value)],
                1e-4 * sum.Max(Math.Abs), $"{pictures} pictures");
        }

        Assert.That(step.Adam.StepsTaken, Is.EqualTo(2));
    }

    [Test]
    public void AWarmUpdateAllocatesNothingButWhatIsCounted()
    {
        using var backend = Backend.Cpu(1);
        using var network = NewNetwork(backend);
        using var loss = new SelectiveLoss(backend, Tiny.Loss);
        using var step = new TrainingStep(network, loss, Steps(Tiny));
        var batch = BatchOf(0, 6);
        for (var i = 1; i < 6; i++)
            step.Run(batch, i);
        var least = long.MaxValue;
        for (var i = 6; i < 60 && least > 0; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            step.Run(batch, i);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.That(least, Is.Zero);
    }

    // The picture that is not finite is in the first of three parts.
    [Test]
    public void AnUpdateThatIsNotFiniteNamesItsPicturesAndLeavesNoTrace()
    {
        using var backend = Backend.Cpu(2);
        using var network = NewNetwork(backend);
        var spoilt = 0;
        using var loss = new SelectiveLoss(
            backend.Watched(FaultyKernels.Create(backend.Kernels, after: (name, _, arguments) =>
            {
                if (name == nameof(IKernels.SelectiveLoss) && spoilt++ == 0)
                    backend.Device.CopyFromHost<float>([float.NaN], (Tensor)arguments[4]!);
            })), Tiny.Loss);
        using var step = new TrainingStep(network, loss, Steps(Tiny));
        var before = backend.Device.ToHost<float>(network.Buffer.Values);
        Assert.That(step.Run(BatchOf(2, 6), 1), Is.Null);
        Assert.That(step.Failure!.Samples, Is.EqualTo(Enumerable.Range(2, 6)));
        Assert.That(step.Failure.Layer, Is.Null);
        Assert.That(backend.Device.ToHost<float>(network.Buffer.Values), Is.EqualTo(before));
        Assert.That(step.Run(BatchOf(2, 6), 1), Is.Not.Null.And.GreaterThan(0));
    }

    [Test]
    public void TheWeightsOfLabelsAreThoseOfAllParts()
    {
        var options = Tiny with { Simulation = new PartialSimulation(SimulationKind.Rps, 0.5, 4), CountIgnored = true };
        TinyTraining.Train(_folder["run"], _data, options with { Epochs = 1 });
        var counted = IgnoredLabels.Total(Path.Combine(_folder["run"], "ignored.csv"));
        var hidden = Unknown(options.Simulation!.Apply(_data).Dataset) - Unknown(_data);
        Assert.That(counted.Unannotated, Is.EqualTo(hidden));
    }

    [Test]
    public void ImpossibleNumbersAreRefused()
    {
        void Refused(TrainerOptions options) => Assert.That(
            options.Validate, Throws.TypeOf<InputException>().With.Message.Contains("AccumulationSteps"));
        Refused(Tiny with { AccumulationSteps = 0 });
        Refused(Tiny with { AccumulationSteps = 1025 });
        Refused(Tiny with { BatchSize = 4096, ImageSize = 512, AccumulationSteps = 16 });
        Refused(Tiny with { SpliceMix = 0.25 });
        Refused(Tiny with { CustomLoss = PartialLossDescription.Of("large-loss-cp") });
    }

    [Test]
    public void LabelsThatATrainingGivesItselfAreNotThoseOfMixedPictures()
    {
        var mixed = TinyTraining.Options with { SpliceMix = 0.25, Epochs = 9 };
        foreach (var options in new[]
        {
            mixed with { Cap = new CapOptions() }, mixed with { CustomLoss = PartialLossDescription.Of("em-apl") },
        })
        {
            Assert.That(options.Validate, Throws.TypeOf<InputException>().With.Message.Contains("mixed pictures"));
        }
    }

    private static long Unknown(ImageDataset data) => data.Samples.Sum(sample => 21 - sample.Labels.Known().Count());

    private static Network NewNetwork(Backend backend)
    {
        var network = Tiny.Model(21).Create(backend);
        network.Initialize(5);
        return network;
    }

    private static TrainingStepOptions Steps(TrainerOptions options) =>
        options.Steps(new OneCycleSchedule(options.LearningRate, 100), pictures: 10);

    private Batch BatchOf(int first, int count)
    {
        using var loader = new BatchLoader(
            [.. _data.Samples.Skip(first).Take(count)], 21,
            new BatchLoaderOptions { BatchSize = count, Preparation = new(32), Workers = 0 });
        loader.StartEpoch(1);
        Assert.That(loader.TryNext(out var batch), Is.True);
        for (var i = 0; i < count; i++)
            batch.SampleIndices[i] += first;
        return batch;
    }
}
