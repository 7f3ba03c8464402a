using Flixstock.Engine;
using Flixstock.Tests.Devices;

namespace Flixstock.Tests.Training;

/// <summary>Trainings whose batches get mixed pictures.</summary>
[NonParallelizable]
public sealed class SpliceMixTests
{
    // Two full batches of 4 + 2 pictures and one of 2 + 1.
    private static readonly TrainerOptions Plain = TinyTraining.Options with { Epochs = 2, Width = 0.0625 };

    private static readonly TrainerOptions Mixed = Plain with { SpliceMix = 0.5 };

    private static readonly string[] RunFiles =
        ["last.safetensors", "average.safetensors", "best.safetensors", "prior.csv", "state.safetensors"];

    private string _folder = "";
    private ImageDataset _data = null!;

    [OneTimeSetUp]
    public void TrainOnce()
    {
        _folder = Directory.CreateTempSubdirectory("flixstock-splice").FullName;
        _data = TinyTraining.Pictures(_folder);
        Train("plain", Plain);
        Train("whole", Mixed);
    }

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void AStoppedRunGoesOnToTheSameBytesWhateverTheWorkers([Values(2, 4)] int stopAfter)
    {
        Assert.That(Bytes("whole", "last.safetensors"), Same.Not(Bytes("plain", "last.safetensors")));
        TinyTraining.Train(In("stopped"), _data, Mixed with { Workers = 3 }, stopAfter: stopAfter);
        var saved = TrainingRun.OptionsIn(In("stopped"))!;
        TinyTraining.Train(In("stopped"), _data, saved with { Workers = 0 }, resume: true);
        foreach (var file in RunFiles)
            Assert.That(Bytes("stopped", file), Same.As(Bytes("whole", file)), file);
    }

    // As on a GPU: two inputs, a graph for each and for each number of pictures, losses a step late.
    [Test]
    public void CapturedStepsWithBatchesOnTheirWayGiveTheSameBytes()
    {
        using var device = new DeviceDouble(1, asynchronous: true);
        using (var backend = new Backend(device, device.Kernels) { Graphs = true })
            Train("double", Mixed, backend);
        foreach (var file in RunFiles)
            Assert.That(Bytes("double", file), Same.As(Bytes("whole", file)), file);
        Assert.That(device.Replayed, Is.AtLeast(device.Captured).And.Positive);
    }

    [Test]
    public void PicturesAreCountedWithoutMixedOnesAndLossesWithThem()
    {
        using (var state = WeightsFile.Read(In("whole/state.safetensors"), asStored: true))
            Assert.That(state.State.Metadata["pictures_seen"], Is.EqualTo("20"), "ten, twice");
        using var backend = Backend.Cpu(1);
        using var trainer = new Trainer(
            backend, _data, _data, Mixed, TrainingRun.Create(In("watched"), overwrite: true));
        var (start, steps) = (default(TrainingStart), new List<StepReport>());
        trainer.Observe(new Observer(value => start = value, steps.Add));
        trainer.Train();
        Assert.That(start!.LabelsPerBatch, Is.EqualTo(6 * 21));
        int[] pictures = [.. steps.Select(step => (int)Math.Round(step.Loss / step.LossPerLabel / 21))];
        Assert.That(pictures, Is.EqualTo(new[] { 6, 6, 3, 6, 6, 3 }));
    }

    // Compared with that of a training step, whose sum has the mixed pictures' terms.
    [Test]
    public void ValidationLossIsThatOfAsManyPictures()
    {
        using var backend = Backend.Cpu(1);
        using var loss = new SelectiveLoss(backend);
        var logits = TestTensors.Random(_data.Samples.Count * 21, 5, deviation: 3);
        double Of(TrainerOptions options)
        {
            using var validation = new ValidationLoss(loss, options, _data.Samples.Count, _data);
            return validation.Of(logits, _data.AllLabels());
        }
        Assert.That(Of(Mixed), Is.EqualTo(1.5 * Of(Plain)).Within(1e-9).Percent.And.Positive);
    }

    [Test]
    public void ALossThatIsNotFiniteNamesTheBatchsOwnPictures()
    {
        var failure = Assert.Throws<NonFiniteLossException>(
            () => Train("diverged", Mixed with { LearningRate = 1e30, Epochs = 4 }));
        Assert.That(failure!.Pictures, Has.Count.EqualTo(failure.Step % 3 == 0 ? 2 : 4).And.Unique);
        Assert.That(failure.Pictures, Is.SubsetOf(_data.Samples.Select(sample => sample.File)));
    }

    // Each of five pictures is the mixed one once: together their prior is that of the five, four times.
    [Test]
    public void ThePriorIsThatOfPicturesAlone()
    {
        var expected = PriorSums(0.0, 0);
        var sums = new float[expected.Length];
        for (var mixed = 0; mixed < 5; mixed++)
        {
            var without = PriorSums(0.25, mixed);
            for (var k = 0; k < sums.Length; k++)
                sums[k] += without[k];
        }
        Assert.That(sums, Is.EqualTo(expected.Select(sum => 4 * sum)).Within(1e-4));
        Assert.That(expected, Is.All.InRange(0.01f, 4.99f));
    }

    [Test]
    public void AStepIsPlannedWithMixedPictures()
    {
        using var backend = Backend.Cpu(1);
        var model = Plain.Model(21);
        using var loss = new SelectiveLoss(backend);
        long Activations(TrainerOptions options) => StepMemory.Of(
            backend, model, loss, options.Steps(new OneCycleSchedule(1e-3, 10), 100)).ActivationBytes;
        Assert.That(Activations(Mixed), Is.EqualTo(Activations(Plain with { BatchSize = 6 })));
        long Largest(TrainerOptions options) =>
            LargestBatch.Find(backend, options, 100, AttributeTable.Garments, limit: 16).NeededBytes;
        Assert.That(Largest(Mixed), Is.GreaterThan(Largest(Plain)));
    }

    // The pictures b and a, and one that is mixed of them; four classes. Nothing but what is hidden counts.
    [Test]
    public void LabelsThatAreLeftOutOfMixedPicturesCountWithTheUnionOfTheirTruth()
    {
        Sample[] truth = [new("a", "a", [1, 0, 0, -1]), new("b", "b", [0, 0, 1, 1])];
        var batch = new Batch(2, 4, 4, mixed: 1) { Count = 3, Mixed = 1 };
        new[] { 1, 0, -1 }.CopyTo(batch.SampleIndices, 0);
        new[] { 0, 1, -1, -1, -1, -1 }.CopyTo(batch.Tiles, 0);
        new sbyte[] { 0, -1, 1, 1, -1, 0, -1, -1, -1, -1, 1, 1 }.CopyTo(batch.Labels, 0);
        var counts = new IgnoredLabels(truth, SelectiveLossOptions.Default, prior: null);
        // Of what is hidden the loss leaves out one label, the first of the mixed picture.
        counts.Add(batch, [1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1]);
        // Un-annotated and known: b's second, a's first and third, the mixed one's first two.
        Assert.That(counts.Save(), Is.EqualTo("5,2,0,0,1,1"));
    }

    [Test]
    public void NoneIsNotWrittenAndAnotherShareIsAnotherRun()
    {
        Assert.That(Plain.ToJson(), Does.Not.Contain("spliceMix"));
        Assert.That(TrainerOptions.FromJson(Mixed.ToJson()).SpliceMix, Is.EqualTo(0.5));
        Assert.That(Mixed.DifferencesTo(Plain), Is.EqualTo(new[] { "spliceMix 0.5 instead of its default" }));
    }

    private static IEnumerable<TestCaseData> Refusals()
    {
        static TestCaseData Case(TrainerOptions options, string message) =>
            new TestCaseData(options, message).SetArgDisplayNames(message);
        const string Range = "give a number from 0 to 1; published: 0.25";
        foreach (var value in new[] { -0.1, 1.1, double.NaN })
            yield return Case(Plain with { SpliceMix = value }, $"SpliceMix {value}: {Range}");
        yield return Case(
            Mixed with { Head = HeadKind.Grouped },
            "SpliceMix 0.5: Head grouped has one class of each attribute, and a mixed picture has several: leave one "
                + "of the two out");
        yield return Case(
            Mixed with { SpliceMix = 0.2 },
            "SpliceMix 0.2: a batch of 4 pictures gets no mixed picture: give a larger share, or a larger BatchSize");
    }

    [TestCaseSource(nameof(Refusals))]
    public void WhatCannotBeIsRefused(TrainerOptions options, string message) => Assert.That(
        () =>
        {
            using var backend = Backend.Cpu(1);
            new Trainer(backend, _data, _data, options, TrainingRun.Create(In("refused"), overwrite: true)).Dispose();
        },
        Throws.TypeOf<InputException>().With.Message.EqualTo(message));

    // Of a step with five pictures of noise, the last of which is mixed if there is a share.
    private static float[] PriorSums(double share, int mixed)
    {
        using var backend = Backend.Cpu(1);
        using var network = Plain.Model(21).Create(backend);
        network.Initialize(3);
        using var loss = new SelectiveLoss(backend);
        var options = (Plain with { BatchSize = share > 0 ? 4 : 5, SpliceMix = share })
            .Steps(new OneCycleSchedule(1e-3, 10), 100);
        using var step = new TrainingStep(network, loss, options);
        var noise = NoiseBatch.Of(5, 32, 21);
        var batch = new Batch(5, 32, 21) { Count = 5, Mixed = share > 0 ? 1 : 0 };
        var bytes = 32 * 32 * 3;
        for (var i = 0; i < 5; i++)
        {
            var from = (mixed + 1 + i) % 5;
            noise.Pixels.AsSpan(from * bytes, bytes).CopyTo(batch.Pixels.AsSpan(i * bytes));
            noise.Labels.AsSpan(from * 21, 21).CopyTo(batch.Labels.AsSpan(i * 21));
        }
        step.Run(batch, 1);
        step.Finish();
        return backend.Device.ToHost<float>(step.PriorSums);
    }

    private void Train(string name, TrainerOptions options, Backend? backend = null)
    {
        using var own = backend is null ? Backend.Cpu(1) : null;
        using var trainer = new Trainer(
            backend ?? own!, _data, _data, options, TrainingRun.Create(In(name), overwrite: true));
        trainer.Train();
    }

    private string In(string path) => Path.Combine(_folder, path);

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(_folder, run, file));

    private sealed class Observer(Action<TrainingStart> begin, Action<StepReport> step) : ITrainingObserver
    {
        public void Begin(TrainingStart start) => begin(start);

        public void Step(in StepReport report) => step(report);
    }
}
